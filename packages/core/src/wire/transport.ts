import type { KyInstance, Options } from 'ky';
import * as z from 'zod/mini';
import { errorCodes, type WireErrorCode } from './error-codes.ts';
import { HeuristError } from './errors.ts';
import { ky } from './ky.ts';

/** How one call is made. */
export interface CallOptions {
  /** Aborts the call, including waits between retries. */
  signal?: AbortSignal | undefined;
  /** Milliseconds for one attempt. Default 60000, as in the reference client; 600000 for `put`. */
  timeout?: number;
  /** How often to retry after a temporary failure. Default 4. */
  retries?: number;
  /** Reported in errors. */
  task_id?: string | undefined;
  /** Headers of a `put`. */
  headers?: Record<string, string> | undefined;
}

/** Makes the calls of the wire protocol: POST with JSON to `<workflowURL>/<call>`. */
export interface Transport {
  call<T>(name: string, body: object, schema: z.ZodMiniType<T>, options?: CallOptions): Promise<T>;
  /** Opens an event stream. Not retried. */
  open(name: string, body: object, signal: AbortSignal): Promise<Response>;
  /** Uploads bytes to a signed URL. No key is sent. */
  put(url: string, body: Blob, options?: CallOptions): Promise<void>;
}

/** Limits of the waits between retries, in milliseconds. */
interface RetryLimits {
  /** Longest wait. Waits double from 300 ms and are shortened at random by up to half. */
  backoffLimit: number;
  /** Longest wait that a server may ask for with `Retry-After`. */
  maxRetryAfter: number;
}

const RETRY_LIMITS: RetryLimits = { backoffLimit: 10_000, maxRetryAfter: 60_000 };

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
  retryLimits: RetryLimits = RETRY_LIMITS,
): Transport {
  const baseUrl = checkURL(workflowURL, allowInsecureHttp);
  // every call is safe to retry: a submit carries its job_id, and the sequencer replays the response
  const client: KyInstance = ky.create({
    baseUrl,
    retry: {
      methods: ['post', 'put'],
      statusCodes: [408, 429, 500, 502, 503, 504],
      afterStatusCodes: [408, 429, 500, 502, 503, 504],
      ...retryLimits,
      jitter: (delay) => delay * (0.5 + Math.random() / 2),
      retryOnTimeout: true,
    },
  });
  // a proxy's error page may have status 200, and a body may be cut off: neither is a response
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
        const field = parsed.error.issues[0]?.path.join('.');
        const problem = field ? `\`${field}\` is missing or not valid` : 'it is not a JSON object';
        throw new HeuristError(`Unexpected reply to ${name}: ${problem}. Is ${baseUrl} the URL of a sequencer?`, {
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
      'No sequencer URL. Pass { workflowURL } or set HEURIST_WORKFLOW_URL; `npx @heurist/dev` starts a local network.',
    );
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw invalid(`\`workflowURL\` must be an http(s) URL (got "${text}").`);
  if (url.protocol === 'http:' && !allowInsecureHttp && !isLoopback(url.hostname))
    throw invalid(
      `\`workflowURL\` "${text}" would send your key unencrypted. Use https, or pass { allowInsecureHttp: true } in a private network.`,
    );
  return url.href.replace(/\/*$/, '/');
}

/** Whether a host name means this machine. RFC 6761: every name under localhost does. */
function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

const wireError = z.looseObject({
  message: z.optional(z.string()),
  error: z.optional(z.string()),
  code: z.optional(z.string()),
});

/** Converts an error of the HTTP client to one of this SDK. */
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
    ? ['invalid_reply', 'returned a response that is not JSON. Is this the URL of a sequencer?']
    : name === 'TimeoutError'
      ? ['request_timeout', 'did not respond in time. Try again, or pass a longer timeout.']
      : [
          'connection_failed',
          `cannot be reached${reason ? ` (${reason})` : ''}. Check that it is running and that the URL is right.`,
        ];
  return new HeuristError(`The sequencer at ${baseUrl} ${message}`, { code, isRetryable: true, task_id, cause: error });
}

function fromResponse({ status }: Response, data: unknown, task_id: string | undefined, cause: unknown): HeuristError {
  const body = wireError.safeParse(data).data ?? {};
  const code = body.code ?? codeOf(status);
  const message = body.message ?? body.error ?? (typeof data === 'string' ? data.slice(0, 200) : '');
  return new HeuristError(message || `The sequencer responded with status ${status}.`, {
    code,
    status,
    isRetryable:
      errorCodes[body.code as WireErrorCode]?.isRetryable ?? (status >= 500 || status === 408 || status === 429),
    task_id,
    cause,
  });
}

function codeOf(status: number): string {
  const entry = Object.entries(errorCodes).find(([, known]) => known.status === status);
  return entry?.[0] ?? (status >= 500 ? 'internal' : 'invalid_request');
}
