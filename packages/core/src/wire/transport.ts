import { sleep } from '@heurist/server-kit/sleep';
import { hideCredentials } from '@heurist/server-kit/url-credentials';
import type { KyInstance, Options } from 'ky';
import type * as z from 'zod/mini';
import { anySignal } from './any-signal.ts';
import { HeuristError } from './errors.ts';
import { attemptOnce, type Outcome, replay } from './first-attempt.ts';
import { type Authority, toHeuristError } from './http-error.ts';
import { ky } from './ky.ts';
import { printableLine } from './printable.ts';
import { checkProtocolVersion, PROTOCOL_HEADER, PROTOCOL_VERSION } from './protocol-version.ts';
import { withoutKey } from './redact.ts';

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

/** Limits of the waits between retries, in milliseconds. */
export interface RetryLimits {
  /** Longest wait. Waits double from 300 ms and are shortened at random by up to half. */
  backoffLimit: number;
  /** Longest wait that a server may ask for with `Retry-After`. */
  maxRetryAfter: number;
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

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** A call, and where an upload goes if that is not the sequencer itself. */
interface About extends CallOptions {
  storage?: string | undefined;
}

/** Those that pass, also if a gateway sends them; 520 to 530 are Cloudflare's. */
const TEMPORARY = [408, 425, 429, ...Array.from({ length: 31 }, (_, index) => 500 + index)];

export const RETRY_LIMITS: RetryLimits = { backoffLimit: 5000, maxRetryAfter: 60_000 };
/** Capped before the jitter, so that clients do not come in step. */
export const retryDelay = (attempt: number, { backoffLimit }: Pick<RetryLimits, 'backoffLimit'>): number =>
  Math.min(300 * 2 ** (attempt - 1), backoffLimit);
export const withJitter = (delay: number): number => delay * (0.5 + Math.random() / 2);

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
    let abort = () => {};
    const end = new Promise<never>((_, reject) => {
      abort = () => reject(signal?.reason);
    });
    signal?.addEventListener('abort', abort);
    try {
      // Node may lose the signal of a request that is sent again (its clones hold it weakly): the race does not
      return await Promise.race([request(), end]);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw failureOf(error, about);
    } finally {
      signal?.removeEventListener('abort', abort);
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

/** Who answers at an address: a storage is named by the sequencer, so its operator can mend it. */
function whoAt(url: string, baseUrl: string): string {
  const { origin } = URL.canParse(url) ? new URL(url) : { origin: url };
  if (origin === new URL(baseUrl).origin) return `The sequencer at ${baseUrl}`;
  return `The storage at ${origin}, which the sequencer at ${baseUrl} names (by --public-url or S3_PUBLIC_ENDPOINT),`;
}

/** @throws {HeuristError} `invalid_reply` where TLS ends at a proxy, and the sequencer behind does not know */
function checkEncrypted(url: string, baseUrl: string): void {
  const base = new URL(baseUrl);
  const link = URL.canParse(url) ? new URL(url) : base;
  if (base.protocol !== 'https:' || link.protocol !== 'http:' || link.hostname !== base.hostname) return;
  throw new HeuristError(
    `The sequencer at ${baseUrl} names ${link.origin} for uploads, which is not encrypted: nothing was sent. Its operator must start it with --public-url ${baseUrl}, or --trust-proxy and the address of its proxy.`,
    { code: 'invalid_reply' },
  );
}

/**
 * Passes a signal on until the request has ended. Node 22 takes the abort of an upload that is over for an error, which nobody can
 * catch.
 */
async function whileItRuns<T>(
  signal: AbortSignal | undefined,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const abort = () => own.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  try {
    return await request(own.signal);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/**
 * A web page or its worker: a browser asks first whether a header may be sent (CORS), and reference sequencers say no. Workers of
 * Cloudflare are servers, and cannot import scripts.
 */
export const isPage = () => 'document' in globalThis || 'importScripts' in globalThis;

/**
 * What a fetch throws for a request that it cannot make. Only Node and browsers throw a TypeError, which the HTTP client knows by its
 * words, for a lost connection too: Bun, Workers and other clients have errors of their own.
 */
const isMistake = (error: unknown) => error instanceof TypeError && !('code' in error);

function versionHeader(): Record<string, string> {
  return isPage() ? {} : { [PROTOCOL_HEADER]: `${PROTOCOL_VERSION}` };
}

/** @throws {HeuristError} `protocol_mismatch` */
function checkVersion({ headers }: Pick<Response, 'headers'>, baseUrl: string): void {
  const names = { us: 'this version of the Heurist SDK', them: `the sequencer at ${baseUrl}` };
  checkProtocolVersion(headers.get(PROTOCOL_HEADER), names);
}

function createClient(baseUrl: string, { backoffLimit, maxRetryAfter }: RetryLimits): KyInstance {
  // every call is safe to retry: a submit carries its job_id, and the sequencer replays the response
  return ky.create({
    baseUrl,
    retry: {
      methods: ['post', 'put'],
      statusCodes: TEMPORARY,
      afterStatusCodes: TEMPORARY,
      backoffLimit,
      maxRetryAfter,
      delay: (attempt) => retryDelay(attempt, { backoffLimit }),
      jitter: withJitter,
      retryOnTimeout: true,
    },
  });
}

/**
 * A fetch that never takes a key elsewhere: what a redirect names must have the origin of the sequencer, its scheme included. 307 and
 * 308 are followed there; the others would turn the call into a GET, which no sequencer answers.
 */
function stayHere(fetch: Fetch, baseUrl: string, authority: Authority, heed: (response: Response) => void) {
  const send = async (url: string, init: RequestInit, hops: number): Promise<Response> => {
    const response = await fetch(url, { ...init, redirect: 'manual' });
    heed(response);
    const isHidden = response.type === 'opaqueredirect';
    if (!isHidden && (response.status < 301 || response.status > 308 || !response.headers.has('location')))
      return response;
    response.body?.cancel().catch(() => {});
    const location = response.headers.get('location') ?? '';
    const named = URL.canParse(location, url) ? new URL(location, url) : undefined;
    const target = named && isWeb(named) ? Object.assign(named, { username: '', password: '' }) : undefined;
    const isHere = target?.origin === new URL(baseUrl).origin;
    if (isHere && response.status > 306 && hops > 0) return await send(target.href, init, hops - 1);
    const where = isHidden ? 'another address' : (target?.origin ?? 'an invalid address');
    const advice = isHere
      ? 'Is there a login page or a proxy in front of it?'
      : `Your key was not sent there. If that is the sequencer, set \`workflowURL\` to its final address${target ? ` at ${target.origin}` : ''}.`;
    throw new HeuristError(`The sequencer at ${baseUrl} redirects to ${where}. ${advice}`, {
      code: isHere ? 'invalid_reply' : 'invalid_configuration',
      // a miner outlives what a proxy does for a while
      isRetryable: isHere || authority === 'coded',
      status: response.status,
    });
  };
  return (url: string, init: RequestInit) => send(url, init, 5);
}

/** A proxy's error page may have status 200, and so may the page for a login that a redirect led to. */
async function isWebPage(response: Response): Promise<boolean> {
  if (!/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) return false;
  return (await response.text()).trim() !== '';
}

function notStored(): HeuristError {
  const message = 'The storage answered the upload with a web page. Is there a proxy in front of it?';
  return new HeuristError(message, { code: 'invalid_reply', isRetryable: true });
}

/** `undefined` for a page of a proxy, an empty body and one that was cut off. */
async function readJson(response: Pick<Response, 'text'>): Promise<unknown> {
  try {
    return JSON.parse(await response.text());
  } catch {
    return undefined;
  }
}

function notJson(baseUrl: string, task_id: string | undefined): HeuristError {
  const message = `The sequencer at ${baseUrl} returned a response that is not JSON. Is this the URL of a sequencer?`;
  return new HeuristError(message, { code: 'invalid_reply', isRetryable: true, task_id });
}

/** What is wrong with a reply. One that names a task is a sequencer's, and stays as it is; any other may be a proxy's. */
function problemOf(
  reply: unknown,
  schema: z.ZodMiniType,
  where: string,
  task_id: string | undefined,
): HeuristError | undefined {
  const { success, error } = schema.safeParse(reply);
  if (success) return undefined;
  const field = error.issues[0]?.path.join('.');
  const { status } = (reply ?? {}) as { status?: unknown };
  const isUnknown = field === 'status' && typeof status === 'string';
  const problem = isUnknown
    ? `its \`status\` is "${printableLine(status, 40)}", which this version of the SDK does not know`
    : field
      ? `\`${field}\` is missing or not valid`
      : 'it is not a JSON object';
  const isRetryable = typeof (reply as { task_id?: unknown } | null)?.task_id !== 'string';
  const message = `Unexpected reply to ${where}: ${problem}. Is this the URL of a sequencer?`;
  return new HeuristError(message, { code: 'invalid_reply', isRetryable, task_id });
}

function checkURL(text: string | undefined, allowInsecureHttp: boolean): string {
  const invalid = (message: string) => new HeuristError(message, { code: 'invalid_configuration' });
  if (!text)
    throw invalid(
      'No sequencer URL. Pass { workflowURL } or set HEURIST_WORKFLOW_URL; `npx @heurist/dev` starts a local network.',
    );
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const shown = withoutKeys(hideCredentials(text));
  if (!url || !isWeb(url)) throw invalid(`\`workflowURL\` must be an http(s) URL (got "${shown}").`);
  if (url.username || url.password)
    throw invalid(
      `\`workflowURL\` must not hold a user name or password: leave them out of "${shown}", and pass your key as { apiKey }.`,
    );
  if (url.protocol === 'http:' && !allowInsecureHttp && !isLoopback(url.hostname))
    throw invalid(
      `\`workflowURL\` "${shown}" would send your key unencrypted. Use https, or pass { allowInsecureHttp: true } in a private network.`,
    );
  return (url.origin + url.pathname).replace(/\/*$/, '/');
}

const isWeb = ({ protocol }: URL) => /^https?:$/.test(protocol);

/** Without a key that was given in place of an address, or in its query. */
const withoutKeys = (text: string) => text.replace(/[?#].*|^([^-.:/]*-)[^.:/]*$/s, '$1...');

/** Whether a host name means this machine. RFC 6761: every name under localhost does. */
function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
