import { type Clock, monotonicClock } from '@heurist/server-kit/clock';
import { HeuristError, TaskAbortedError } from '../../wire/errors.ts';
import type { DownloadOptions } from '../../wire/task-result.ts';
import { builtIn } from './built-in.ts';

/** How outputs are fetched. */
export interface DownloadSettings {
  fetch: typeof fetch;
  /** Attempts in a row that bring next to nothing. Default 5. */
  attempts?: number;
  /** Pause before the first retry, in milliseconds; doubled for each further one. Default 300. */
  pauseMs?: number;
  /** An attempt is cut if no byte comes for so long, in milliseconds. Default 60000. */
  silenceMs?: number;
  clock?: Clock;
}

/** What is known of a file that is downloaded. */
export interface Downloadable {
  url: string;
  bytes?: number | undefined;
  sha256?: string | undefined;
  filename?: string | undefined;
}

/** The longest pause that a storage may ask for, in milliseconds. */
const MOST_PAUSE_MS = 60_000;
/** An attempt that brings this many bytes is progress. */
const PROGRESS_BYTES = 65_536;

/**
 * The bytes of an output as they arrive. An attempt that is cut off is followed by one for the rest. No key is sent.
 *
 * @throws {HeuristError} `connection_failed`, `invalid_reply` if it arrived damaged, `aborted`
 */
export async function* download(
  output: Downloadable,
  { signal, timeout = 600_000 }: DownloadOptions,
  settings: DownloadSettings,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const { attempts = 5, pauseMs = 300, silenceMs = 60_000, clock = monotonicClock } = settings;
  const received = createReceipt(output);
  let failures = 0;
  for (;;) {
    const before = received.bytes;
    try {
      for await (const chunk of receive(output, received, { signal, timeout, silenceMs }, settings.fetch)) {
        received.add(chunk);
        yield chunk;
      }
      received.check();
      return;
    } catch (cause) {
      if (signal?.aborted) throw new TaskAbortedError(signal.reason, undefined, undefined, 'the download');
      failures = received.bytes - before < PROGRESS_BYTES ? failures + 1 : 1;
      const failure = failureOf(cause);
      if (!failure.mayPass || failures >= attempts) throw failure.error;
      await clock.sleep(failure.pauseMs ?? pauseMs * 2 ** (failures - 1), signal);
    }
  }
}

/** What has arrived so far. */
function createReceipt({ bytes: declared, sha256, filename = 'file' }: Downloadable) {
  const hash = sha256 ? builtIn('crypto')?.createHash('sha256') : undefined;
  // sequencers of the reference protocol say neither
  const expected = declared || sha256 ? declared : undefined;
  return {
    bytes: 0,
    /** Of the first response: a later one with another belongs to another file. */
    etag: undefined as string | null | undefined,
    add(chunk: Uint8Array) {
      hash?.update(chunk);
      this.bytes += chunk.length;
      // at once: what follows may be endless
      if (expected !== undefined && this.bytes > expected) throw damaged(filename);
    },
    check() {
      if (expected !== undefined && this.bytes < expected) throw new Interrupted(damaged(filename));
      if (hash && hash.digest('hex') !== sha256) throw damaged(filename);
    },
  };
}

export function damaged(filename: string): HeuristError {
  const message = `The output ${filename} arrived damaged. Download it again.`;
  return new HeuristError(message, { code: 'invalid_reply', isRetryable: true });
}

/** An attempt that ended early. */
class Interrupted extends Error {
  readonly error: HeuristError;

  constructor(error: HeuristError) {
    super(error.message);
    this.error = error;
  }
}

/** A response that is not the file. */
class Refused extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super(`status ${response.status}`);
    this.response = response;
  }
}

interface Limits {
  signal: AbortSignal | undefined;
  timeout: number;
  silenceMs: number;
}

/** One attempt: what is still missing. */
async function* receive(
  { url }: Downloadable,
  received: ReturnType<typeof createReceipt>,
  { signal, timeout, silenceMs }: Limits,
  send: typeof fetch,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const end = new AbortController();
  const stop = () => end.abort(signal?.reason);
  const late = () => end.abort(new Error('the download takes too long'));
  // a longer delay than timers support would fire at once
  const timer = setTimeout(late, Math.min(timeout, 2 ** 31 - 1));
  const aborted = new Promise<never>((_, reject) => {
    end.signal.addEventListener('abort', () => reject(end.signal.reason));
  });
  aborted.catch(() => {});
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    end.signal.throwIfAborted();
    const from = received.bytes;
    const headers = from ? { range: `bytes=${from}-` } : undefined;
    const response = await Promise.race([send(url, { signal: end.signal, ...(headers && { headers }) }), aborted]);
    let skip = startOf(response, received);
    const reader = response.body?.getReader();
    while (reader) {
      const silence = setTimeout(late, silenceMs);
      const { done, value } = await Promise.race([reader.read(), aborted]).finally(() => clearTimeout(silence));
      if (done) return;
      const rest = value.subarray(Math.min(skip, value.length));
      skip -= value.length - rest.length;
      if (rest.length) yield rest;
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    end.abort();
  }
}

/** How many bytes of a response are known already. A server that cannot send a part sends all of it. */
function startOf(response: Response, received: ReturnType<typeof createReceipt>): number {
  const { status, headers } = response;
  if (!response.ok) throw new Refused(response);
  const etag = headers.get('etag');
  if (received.bytes && received.etag && etag && etag !== received.etag) throw damaged('file');
  received.etag ??= etag;
  if (status !== 206) return received.bytes;
  const start = Number(/^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
  if (start <= received.bytes) return received.bytes - start;
  throw new Refused(response);
}

interface Failure {
  error: HeuristError;
  mayPass: boolean;
  pauseMs?: number | undefined;
}

function failureOf(cause: unknown): Failure {
  if (cause instanceof Interrupted) return { error: cause.error, mayPass: true };
  if (HeuristError.isInstance(cause)) return { error: cause, mayPass: false };
  const response = cause instanceof Refused ? cause.response : undefined;
  response?.body?.cancel().catch(() => {});
  const status = response?.status;
  const message = `The output cannot be downloaded${status ? ` (status ${status})` : ''}. Its URL may have expired: query the task for a new one.`;
  const error = new HeuristError(message, { code: 'connection_failed', isRetryable: true, status, cause });
  const mayPass = !status || [206, 408, 425, 429].includes(status) || status >= 500;
  const seconds = Number(response?.headers.get('retry-after') ?? Number.NaN);
  return { error, mayPass, pauseMs: seconds > 0 ? Math.min(seconds * 1000, MOST_PAUSE_MS) : undefined };
}
