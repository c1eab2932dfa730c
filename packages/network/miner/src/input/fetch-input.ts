import type { IncomingMessage } from 'node:http';
import { sniffMediaType } from '@heurist/core';
import type { FileParameter } from '@heurist/core/definition';
import { findUnreadable } from '@heurist/core/protocol';
import { systemClock } from '@heurist/server-kit/clock';
import { HiddenAddressError } from '@heurist/server-kit/public-address';
import { checkMedia } from './check-media.ts';
import { decodeBody, encodingsOf, isWronglyEncoded } from './decode-body.ts';
import { InputError, type InputErrorCode } from './input-error.ts';
import type { InputPolicy } from './input-policy.ts';
import { OwnFiles } from './own-files.ts';
import { type InputRequest, requestInput } from './request-input.ts';
import { retryInput } from './retry-input.ts';

/** An input file. */
export interface InputFile {
  bytes: Uint8Array<ArrayBuffer>;
  /** Detected from the bytes: what the server claims does not count. */
  contentType: string;
}

const WINDOW_MS = 8000;
/** Bytes per second, in each window. */
const MIN_RATE = 1000;
const GRACE_MS = 60_000;
/** Bytes per second, of a file that takes longer than {@link GRACE_MS}: one of 50 MB may take 17 minutes, and no longer. */
const LASTING_RATE = 50_000;

/**
 * Fetches an input file from an address that a stranger chose. What fails for a moment is tried again.
 *
 * @throws {InputError} whose message names the host and says how to fix it
 */
export async function fetchInput(
  address: string,
  rule: FileParameter,
  policy: InputPolicy,
  signal: AbortSignal,
): Promise<InputFile> {
  const own = new OwnFiles(policy);
  const source = sourceOf(address, own);
  try {
    const bytes = await retryInput(
      () => fetchOnce(address, rule, { ...policy, kind: rule.kind, own, signal }, source),
      policy.clock ?? systemClock,
      signal,
    );
    return { bytes, contentType: await checkType(bytes, rule.kind, source) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof InputError) throw error;
    throw new InputError(
      'input_unreachable',
      `Cannot fetch the ${rule.kind} from ${source.place}: ${reasonOf(error as NodeJS.ErrnoException)}. ${source.advice}`,
      error,
    );
  }
}

async function fetchOnce(
  address: string,
  { max_bytes }: FileParameter,
  request: InputRequest,
  source: Source,
): Promise<InputFile['bytes']> {
  const pace = watchPace(request);
  const signal = AbortSignal.any([request.signal, pace.tooSlow]);
  try {
    const response = await requestInput(new URL(address), { ...request, signal });
    return await readBody(response, max_bytes, source, pace.add);
  } catch (error) {
    throw pace.tooSlow.aborted ? new Error(pace.tooSlow.reason) : error;
  } finally {
    pace.end();
  }
}

/** Watches that bytes keep coming, from the first moment on. */
function watchPace({ windowMs = WINDOW_MS, graceMs = GRACE_MS }: InputPolicy) {
  const slow = new AbortController();
  const start = Date.now();
  let inWindow = 0;
  let inAll = 0;
  const timer = setInterval(() => {
    const elapsed = Date.now() - start;
    if (inWindow < (MIN_RATE * windowMs) / 1000)
      slow.abort(`slower than ${MIN_RATE} bytes a second for ${windowMs / 1000} s`);
    else if (elapsed >= graceMs && inAll < (LASTING_RATE * elapsed) / 1000)
      slow.abort(`slower than ${LASTING_RATE} bytes a second over ${graceMs / 1000} s`);
    inWindow = 0;
  }, windowMs);
  return {
    /** Fires when too few bytes have come; its reason says how few. */
    tooSlow: slow.signal,
    add(bytes: number): void {
      inWindow += bytes;
      inAll += bytes;
    },
    end: () => clearInterval(timer),
  };
}

/** How a message names where a file is from. */
interface Source {
  /** After "from". */
  place: string;
  /** At the beginning of a sentence. */
  file: string;
  /** What its consumer can do if it cannot be fetched. */
  advice: string;
}

/** A consumer knows the address that it sent. Where the network keeps what was uploaded is not its business. */
function sourceOf(address: string, own: OwnFiles): Source {
  const url = URL.parse(address);
  if (url && own.isFile(url))
    return {
      place: 'the storage of the network',
      file: 'The uploaded file',
      advice: 'Submit the task again, or upload the file again.',
    };
  const host = url?.host ?? address;
  return {
    place: host,
    file: `The file at ${host}`,
    advice:
      'Use an address that the public internet can reach, or upload the file first with heurist.workflow.uploadFile().',
  };
}

/** Without the address, which a redirect may have chosen. */
function reasonOf(error: NodeJS.ErrnoException): string {
  if (error instanceof HiddenAddressError) return 'not a public address';
  return error.code ?? error.message;
}

async function readBody(
  response: IncomingMessage,
  maxBytes: number,
  source: Source,
  arrived: (bytes: number) => void,
): Promise<InputFile['bytes']> {
  const bytes = await readWithin(response, maxBytes, source, arrived).catch((error) => {
    if (!isWronglyEncoded(error)) throw error;
    const message = `${source.file} is not ${encodingsOf(response).join(', ')}, as its Content-Encoding says. ${source.advice}`;
    throw new InputError('input_invalid', message, error);
  });
  if (!bytes.length) throw new InputError('input_invalid', `${source.file} is empty (0 bytes). Send a complete file.`);
  return bytes;
}

/** Counts what comes out of a compressed file: it may be a thousand times as much as came in. */
async function readWithin(
  response: IncomingMessage,
  maxBytes: number,
  { file }: Source,
  arrived: (bytes: number) => void,
): Promise<InputFile['bytes']> {
  const chunks: Buffer[] = [];
  let size = 0;
  // to leave the loop ends the connection
  for await (const chunk of decodeBody(response, arrived)) {
    size += chunk.length;
    if (size > maxBytes) {
      const megabytes = Math.floor(maxBytes / 1e6);
      throw new InputError('input_too_large', `${file} is larger than ${megabytes} MB. Send a smaller file.`);
    }
    chunks.push(chunk);
  }
  return Uint8Array.from(Buffer.concat(chunks));
}

async function checkType(bytes: InputFile['bytes'], kind: FileParameter['kind'], source: Source): Promise<string> {
  // nothing is known of it, but for its size
  if (kind === 'file') return sniffMediaType(bytes) ?? 'application/octet-stream';
  const unreadable = findUnreadable(bytes);
  if (unreadable)
    throw new InputError(
      'input_invalid',
      `${source.file} is ${unreadable.name}. Send ${kind === 'image' ? 'a PNG, JPEG or WebP' : unreadable.convertTo}.`,
    );
  const type = sniffMediaType(bytes);
  if (!type?.startsWith(`${kind}/`))
    throw new InputError(
      'input_invalid',
      `${source.file} is not ${article(kind)} (${type ?? 'its content is of no known type'}). Send ${kind === 'image' ? 'a PNG, JPEG or WebP' : `${article(kind)} file`}.`,
    );
  await checkMedia(bytes, kind).catch(({ code, message }: InputError) => {
    throw new InputError(code as InputErrorCode, `Cannot use the ${kind} from ${source.place}: ${message}`);
  });
  return type;
}

function article(kind: FileParameter['kind']): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
