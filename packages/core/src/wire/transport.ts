import { sleep } from '@heurist/server-kit/sleep';
import type { Options } from 'ky';
import type * as z from 'zod/mini';
import { anySignal } from './any-signal.ts';
import type { HeuristError } from './errors.ts';
import { attemptOnce, type Outcome, replay } from './first-attempt.ts';
import { type Authority, toHeuristError } from './http-error.ts';
import { ky } from './ky.ts';
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from './protocol-version.ts';
import { withoutKey } from './redact.ts';
import { checkVersion, isWebPage, notJson, notStored, problemOf, readJson } from './transport/check-reply.ts';
import { checkURL } from './transport/check-url.ts';
import { isPage } from './transport/is-page.ts';
import { createClient, isMistake, RETRY_LIMITS, type RetryLimits, TEMPORARY } from './transport/retries.ts';
import { type Fetch, stayHere } from './transport/stay-here.ts';
import { checkEncrypted, whoAt } from './transport/storage.ts';
import { whileItRuns } from './transport/while-it-runs.ts';
import { untilAborted } from './until-aborted.ts';

/** The two parts of an API key. */
export interface Credentials {
  consumer_id: string;
  api_key: string;
}

/** How one call is made. */
export interface CallOptions {
  /** Aborts the call, including waits between retries. */
  signal?: AbortSignal | undefined;
  /** Milliseconds for one attempt. Default 60000, as in the reference client; 600000 for `put`. */
  timeout?: number | undefined;
  /** How often to retry after a temporary failure. Default 4; `Infinity`: until the signal fires. */
  retries?: number | undefined;
  /** Called without an argument as an attempt begins, and with its failure if it may be tried again. */
  watch?: ((failure?: HeuristError) => void) | undefined;
  /** Reported in errors. */
  task_id?: string | undefined;
  /** The key that the body has, for the `Authorization` header. */
  credentials?: Credentials | undefined;
  /** Headers of a `put`. */
  headers?: Record<string, string> | undefined;
}

/** Makes the calls of the wire protocol: POST with JSON to `<workflowURL>/<call>`. */
export interface Transport {
  call<T>(name: string, body: object, schema: z.ZodMiniType<T>, options?: CallOptions): Promise<T>;
  /** Opens an event stream. Not retried. */
  open(name: string, body: object, signal: AbortSignal, credentials?: CallOptions['credentials']): Promise<Response>;
  /** Uploads bytes to a signed URL. No key is sent. */
  put(url: string, body: Blob, options?: CallOptions): Promise<void>;
  /** Fetches files, which need no key. */
  readonly fetchFiles: Fetch;
  /** Whether a sequencer of ours has answered: it knows calls that the reference does not. */
  isOurs(): boolean;
}

/** Settings of a transport. */
interface TransportOptions {
  /** Default: waits of up to 5 seconds, and what a server asks for up to a minute. */
  retryLimits?: RetryLimits;
  /**
   * Whose 4xx responses are final. Default `json`: those in JSON with a `message` or an `error`, as sequencers of the reference
   * protocol send. `coded`: only those with a `code` of the protocol, as ours have, so that no proxy can end a miner.
   */
  authority?: Authority;
  /** `header`: keys are never sent in bodies. */
  auth?: 'header' | undefined;
  /** Default: the global `fetch`. */
  fetch?: Fetch;
  /** Makes the fetch for files, by the origin of the sequencer. Default: as for calls. */
  fetchFiles?: (origin: string) => Fetch;
}

/** A call, and where an upload goes if that is not the sequencer itself. */
interface About extends CallOptions {
  storage?: string | undefined;
}

/**
 * Creates a transport for one sequencer.
 *
 * @param headers - sent with every call, except `put`
 * @throws {HeuristError} `invalid_configuration` if the URL is missing, is not http(s), or would expose the key
 */
export function createTransport(
  workflowURL: string | undefined,
  allowInsecureHttp: boolean,
  headers: Record<string, string> = {},
  { retryLimits = RETRY_LIMITS, authority = 'json', auth, ...given }: TransportOptions = {},
): Transport {
  const baseUrl = checkURL(workflowURL, allowInsecureHttp);
  const send: Fetch = given.fetch ?? ((input, init) => fetch(input, init));
  const fetchFiles = given.fetchFiles?.(new URL(baseUrl).origin) ?? send;
  const client = createClient(baseUrl, retryLimits);
  const fetchHere = stayHere(send, baseUrl, authority, ({ headers }) => {
    if (!headers.has(PROTOCOL_HEADER)) return;
    isOurs = true;
    where = where === 'both' && !isPage() ? 'header' : where;
  });
  let isOurs = false;
  /** Where the key goes: the contract has it in the body; sequencers of ours also take it in the header, where no log has it. */
  let where: 'header' | 'both' | 'body' = auth ?? (isPage() ? 'body' : 'both');
  const sent = { accept: 'application/json', ...versionHeader(), ...headers };

  /** In words, without the key: servers may echo it. */
  const failureOf = (error: unknown, { task_id, credentials, storage }: About) => {
    const failure = toHeuristError(error, whoAt(storage ?? baseUrl, baseUrl), task_id, authority);
    return withoutKey(failure, credentials?.api_key);
  };

  async function attempt<T>(request: () => Promise<T>, { signal, ...about }: About): Promise<T> {
    try {
      // Node may lose the signal of a request that is sent again: its clones hold it weakly
      return await untilAborted(request(), signal);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw failureOf(error, about);
    }
  }

  /** A `fetch` for the HTTP client, whose requests have this body. */
  const fetchFor =
    (json: object, outer: AbortSignal | undefined, first?: Outcome): typeof fetch =>
    async (request) => {
      const outcome = first;
      first = undefined;
      if (outcome) return await replay(outcome);
      const { url, method, headers, signal } = request as Request;
      const either = outer ? anySignal([signal, outer]) : signal;
      return await fetchHere(url, { method, headers, body: JSON.stringify(json), signal: either });
    };

  function addressed(body: object, credentials: CallOptions['credentials']) {
    const bearer = `Bearer ${credentials?.consumer_id}#${credentials?.api_key}`;
    const isSendable = auth || /^[\x20-\x7e]*$/.test(bearer);
    if (!credentials || where === 'body' || !isSendable) return { json: body, headers: sent };
    const { api_key, consumer_id, ...rest } = body as Partial<Credentials>;
    return { json: where === 'header' ? rest : body, headers: { ...sent, authorization: bearer } };
  }

  /** A proxy may drop the header, as some do: then the key goes into the body for good. */
  async function withKey<T>(request: () => Promise<T>): Promise<T> {
    const used = where;
    return await request().catch((error) => {
      if (used !== 'header' || auth || error.status !== 401) throw error;
      where = 'body';
      return request();
    });
  }

  /** `check` looks at what came with a good status: if it finds an error, the call is tried again, or fails with it if it may not. */
  function requestOptions(
    { signal, timeout, retries = 4, watch, ...about }: About,
    defaultTimeout: number,
    check: (response: Response) => Promise<HeuristError | undefined>,
  ): Options {
    let failedAt = 0;
    return {
      timeout: timeout ?? defaultTimeout,
      retry: {
        limit: Math.min(retries, Number.MAX_SAFE_INTEGER),
        // undefined: by its status, and after the time that it asks for
        shouldRetry: ({ error }) => {
          const failure = failureOf(error, about);
          watch?.(failure);
          failedAt = performance.now();
          const { status, isRetryable } = failure;
          if (!status) return signal?.aborted || isMistake(error) ? undefined : isRetryable;
          return isRetryable && TEMPORARY.includes(status) ? undefined : isRetryable;
        },
      },
      hooks: {
        beforeRetry: [
          async () => {
            // a pause, whatever a server asks for: `Retry-After: 0` would be an endless loop
            await sleep(failedAt + retryLimits.backoffLimit / 20 - performance.now(), signal);
            watch?.();
          },
        ],
        afterResponse: [
          async ({ response }) => {
            const cause = response.ok ? await check(response) : undefined;
            if (cause && !cause.isRetryable) throw cause;
            if (cause) watch?.(cause);
            return cause && ky.retry({ cause });
          },
        ],
      },
      ...(signal && { signal }),
    };
  }

  return {
    call(name, body, schema, options = {}) {
      const { task_id } = options;
      let reply: unknown;
      const check = async (response: Pick<Response, 'headers' | 'text'>) => {
        checkVersion(response, baseUrl);
        reply = await readJson(response);
        return reply === undefined
          ? notJson(baseUrl, task_id)
          : problemOf(reply, schema, `${name} from ${baseUrl}`, task_id);
      };
      const send = async () => {
        const { json, headers } = addressed(body, options.credentials);
        const sealed = { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(json) };
        const url = new URL(name, baseUrl).href;
        const { signal, timeout = 60_000, watch } = options;
        signal?.throwIfAborted();
        watch?.();
        const post = (stop: AbortSignal) => fetchHere(url, { method: 'POST', ...sealed, signal: stop });
        const first = await attemptOnce(post, timeout, signal);
        if ('response' in first && first.text !== undefined) {
          const { response, text } = first;
          if (!(await check({ headers: response.headers, text: async () => text }))) return schema.parse(reply);
        }
        const request = {
          ...sealed,
          fetch: fetchFor(json, signal, first),
          ...requestOptions(options, 60_000, check),
        };
        // the check has read what came with a good status
        const { body: unread } = await client.post(name, request);
        void unread?.cancel().catch(() => {});
        return schema.parse(reply);
      };
      return withKey(() => attempt(send, options));
    },
    open: (name, body, signal, credentials) =>
      attempt(
        async () => {
          const { json, headers } = addressed(body, credentials);
          const request = {
            json,
            headers: { ...headers, accept: '*/*' },
            fetch: fetchFor(json, undefined),
            timeout: false,
            retry: 0,
            signal,
          } as const;
          const response = await client.post(name, request);
          checkVersion(response, baseUrl);
          return response;
        },
        { signal, credentials },
      ),
    fetchFiles,
    isOurs: () => isOurs,
    put: async (url, body, options = {}) => {
      const { headers: own } = options;
      checkEncrypted(url, baseUrl);
      const about = { ...options, storage: url };
      const check = async (response: Response) => ((await isWebPage(response)) ? notStored() : undefined);
      options.watch?.();
      await attempt(
        () =>
          whileItRuns(options.signal, (signal) => {
            const request = {
              body,
              fetch: fetchFiles as typeof fetch,
              ...(own && { headers: own }),
              ...requestOptions({ ...about, signal }, 600_000, check),
            };
            return client.put(url, request);
          }),
        about,
      );
    },
  };
}

function versionHeader(): Record<string, string> {
  return isPage() ? {} : { [PROTOCOL_HEADER]: `${PROTOCOL_VERSION}` };
}
