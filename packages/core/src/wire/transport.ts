import type { KyInstance, Options } from 'ky';
import * as z from 'zod/mini';
import { errorCodes, type WireErrorCode } from './error-codes.ts';
import { HeuristError } from './errors.ts';
import { ky } from './ky.ts';

/** How one call is made. */
export interface CallOptions {
  /** Ends the call at once, waits between retries included. */
  signal?: AbortSignal | undefined;
  /** Milliseconds for one attempt. Default 60000, as the reference client. */
  timeout?: number;
  /** How often a call that failed in passing is sent again. Default 4. */
  retries?: number;
  /** Goes into errors. */
  task_id?: string | undefined;
  /** Sent along with `put`. */
  headers?: Record<string, string> | undefined;
}

/** Sends the calls of the wire protocol: JSON by POST, to `<workflowURL>/<call>`. */
export interface Transport {
  call<T>(name: string, body: object, schema: z.ZodMiniType<T>, options?: CallOptions): Promise<T>;
  /** Opens a reply that goes on (server-sent events). Not retried. */
  open(name: string, body: object, signal: AbortSignal): Promise<Response>;
  /** Stores bytes at a signed URL. No key is sent along. */
  put(url: string, body: Blob, options?: CallOptions): Promise<void>;
}

/**
 * @param headers - sent with every call, but not with `put`
 * @throws {HeuristError} `invalid_configuration` for an address that is not http(s), or not safe for a key
 */
export function createTransport(
  workflowURL: string | undefined,
  allowInsecureHttp: boolean,
  headers: Record<string, string> = {},
): Transport {
  const baseUrl = checkURL(workflowURL, allowInsecureHttp);
  // every call of the protocol may be sent again: a submit carries its job_id, and the sequencer replays the answer
  const client: KyInstance = ky.create({
    baseUrl,
    retry: {
      methods: ['post', 'put'],
      statusCodes: [408, 429, 500, 502, 503, 504],
      afterStatusCodes: [408, 429, 500, 502, 503, 504],
      backoffLimit: 10_000,
      maxRetryAfter: 60_000,
      jitter: (delay) => delay * (0.5 + Math.random() / 2),
      retryOnTimeout: true,
    },
  });
  // a proxy's error page can come with status 200, and a body can be cut off: neither is an answer
  const requireJson: Options['hooks'] = {
    afterResponse: [async ({ response }) => (response.ok && !(await isJson(response)) ? ky.retry() : undefined)],
  };

  async function attempt<T>(request: () => Promise<T>, { signal, task_id }: CallOptions): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw toHeuristError(error, baseUrl, task_id);
    }
  }

  return {
    call(name, body, schema, options = {}) {
      const { signal, timeout = 60_000, retries = 4 } = options;
      return attempt(async () => {
        const reply = await client
          .post(name, {
            json: body,
            headers,
            timeout,
            retry: { limit: retries },
            hooks: requireJson,
            ...(signal && { signal }),
          })
          .json();
        const parsed = schema.safeParse(reply);
        if (parsed.success) return parsed.data;
        // the messages of replies are for nobody: the name of the field is what helps
        const field = parsed.error.issues[0]?.path.join('.');
        const problem = field ? `\`${field}\` is missing or not valid` : 'it is not a JSON object';
        throw new HeuristError(`Unexpected reply to ${name}: ${problem}. Is ${baseUrl} the address of a sequencer?`, {
          code: 'invalid_reply',
          task_id: options.task_id,
        });
      }, options);
    },
    open: (name, body, signal) =>
      attempt(() => client.post(name, { json: body, headers, timeout: false, retry: 0, signal }), { signal }),
    put: async (url, body, options = {}) => {
      const { signal, timeout = 600_000, retries = 4, headers: own } = options;
      await attempt(
        () =>
          client.put(url, {
            body,
            timeout,
            retry: { limit: retries },
            ...(own && { headers: own }),
            ...(signal && { signal }),
          }),
        options,
      );
    },
  };
}

function isJson(response: Response): Promise<boolean> {
  return response.json().then(
    () => true,
    () => false,
  );
}

function checkURL(text: string | undefined, allowInsecureHttp: boolean): string {
  const invalid = (message: string) => new HeuristError(message, { code: 'invalid_configuration' });
  if (!text)
    throw invalid(
      'No sequencer address. Pass { workflowURL } or set HEURIST_WORKFLOW_URL; `heurist dev` starts a local one.',
    );
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw invalid(`workflowURL "${text}" is not an http(s) address.`);
  if (url.protocol === 'http:' && !allowInsecureHttp && !isLoopback(url.hostname))
    throw invalid(
      `workflowURL "${text}" would send your key unencrypted. Use https, or pass { allowInsecureHttp: true } in a closed network.`,
    );
  return url.href.replace(/\/*$/, '/');
}

/** Whether a host name means this machine (RFC 6761: every name under localhost does). */
function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

const wireError = z.looseObject({
  message: z.optional(z.string()),
  error: z.optional(z.string()),
  code: z.optional(z.string()),
});

/** Turns whatever the HTTP client throws into this SDK's error. */
function toHeuristError(error: unknown, baseUrl: string, task_id: string | undefined): HeuristError {
  if (HeuristError.isInstance(error)) return error;
  const { name, response, data, cause } = error as {
    name?: string;
    response?: Response;
    data?: unknown;
    cause?: { code?: string; cause?: { code?: string } };
  };
  if (response && name === 'HTTPError') return fromResponse(response, data, task_id, error);
  const isPage = name === 'ForceRetryError';
  const reason = cause?.code ?? cause?.cause?.code;
  const [code, message] = isPage
    ? ['invalid_reply', 'answered with a page that is no JSON: is this the address of a sequencer?']
    : name === 'TimeoutError'
      ? ['request_timeout', 'did not answer in time.']
      : [
          'connection_failed',
          `cannot be reached${reason ? ` (${reason})` : ''}. Is it running, and is workflowURL right?`,
        ];
  return new HeuristError(`The sequencer at ${baseUrl} ${message}`, { code, isRetryable: true, task_id, cause: error });
}

function fromResponse({ status }: Response, data: unknown, task_id: string | undefined, cause: unknown): HeuristError {
  const body = wireError.safeParse(data).data ?? {};
  const code = body.code ?? codeOf(status);
  const message = body.message ?? body.error ?? (typeof data === 'string' ? data.slice(0, 200) : '');
  return new HeuristError(message || `The sequencer answered ${status}.`, {
    code,
    status,
    isRetryable: errorCodes[code as WireErrorCode]?.isRetryable ?? (status >= 500 || status === 408 || status === 429),
    task_id,
    cause,
  });
}

function codeOf(status: number): string {
  const entry = Object.entries(errorCodes).find(([, known]) => known.status === status);
  return entry?.[0] ?? (status >= 500 ? 'internal' : 'invalid_request');
}
