import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { sniffMediaType } from '@heurist/core';
import type { FileParameter } from '@heurist/core/definition';
import { findUnreadable } from '@heurist/core/protocol';
import { HiddenAddressError, type PrivateHosts } from '@heurist/server-kit/public-address';
import { type PublicTarget, publicTarget } from '@heurist/server-kit/public-target';
import { checkMedia } from './check-media.ts';
import { InputError, type InputErrorCode } from './input-error.ts';
import { OwnFiles } from './own-files.ts';

/** Where input files may come from. */
export interface InputPolicy {
  /** The sequencer's own address: its files are fetched from anywhere, even a private network. */
  sequencerUrl: string;
  /** Where else the sequencer says that files of its network are: its public address, and that of its storage. */
  fileOrigins?: readonly string[] | undefined;
  /** What else to fetch from outside the public internet: a task can read whatever this allows. Default: nothing. */
  privateHosts?: PrivateHosts | undefined;
  /** Leave names that cannot be resolved here to the proxy of the environment. Default `false`: they are refused. */
  proxyResolves?: boolean | undefined;
  /** In each stretch of this many milliseconds, 1000 bytes a second have to come. Default 8000. */
  windowMs?: number;
  /** From this moment on, in milliseconds, 50,000 bytes a second must have come on average. Default 60000. */
  graceMs?: number;
}

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
export const MAX_REDIRECTS = 3;

/**
 * Fetches an input file from an address that a stranger chose.
 *
 * @throws {InputError} whose message names the host and says how to fix it
 */
export async function fetchInput(
  address: string,
  rule: FileParameter,
  policy: InputPolicy,
  signal: AbortSignal,
): Promise<InputFile> {
  const pace = watchPace(policy);
  const limit = AbortSignal.any([signal, pace.tooSlow]);
  const own = new OwnFiles(policy);
  const source = sourceOf(address, own);
  try {
    const response = await open(new URL(address), { ...policy, own, signal: limit }, MAX_REDIRECTS);
    const bytes = await readBody(response, rule.max_bytes, source, pace.add);
    return { bytes, contentType: await checkType(bytes, rule.kind, source) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof InputError) throw error;
    const reason = pace.tooSlow.aborted ? pace.tooSlow.reason : reasonOf(error as NodeJS.ErrnoException);
    throw new InputError(
      'input_unreachable',
      `Cannot fetch the ${rule.kind} from ${source.place}: ${reason}. ${source.advice}`,
      error,
    );
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

interface Opening extends InputPolicy {
  own: OwnFiles;
  signal: AbortSignal;
}

async function open(url: URL, opening: Opening, redirects: number, from?: URL): Promise<IncomingMessage> {
  if (!/^https?:$/.test(url.protocol)) throw new Error('only http and https are supported');
  const { own, signal } = opening;
  const target = own.isTrusted(url) ? {} : await publicTarget(url, own.policyFor(url, from) ?? opening);
  const response = await request(url, signal, target);
  const { statusCode = 0, headers } = response;
  if (statusCode >= 200 && statusCode < 300) return response;
  response.destroy();
  if (statusCode >= 300 && statusCode < 400 && headers.location && redirects > 0)
    return await open(new URL(headers.location, url), opening, redirects - 1, url);
  throw new Error(`the server returned status ${statusCode}`);
}

async function request(url: URL, signal: AbortSignal, target: Partial<PublicTarget>): Promise<IncomingMessage> {
  const get = url.protocol === 'https:' ? httpsGet : httpGet;
  return await new Promise((resolve, reject) => {
    get(url, { signal, ...target }, resolve).on('error', reject);
  });
}

async function readBody(
  response: IncomingMessage,
  maxBytes: number,
  { file }: Source,
  arrived: (bytes: number) => void,
): Promise<InputFile['bytes']> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    arrived(chunk.length);
    if (size > maxBytes) {
      response.destroy();
      const megabytes = Math.floor(maxBytes / 1e6);
      throw new InputError('input_too_large', `${file} is larger than ${megabytes} MB. Send a smaller file.`);
    }
    chunks.push(chunk);
  }
  if (size === 0) throw new InputError('input_invalid', `${file} is empty (0 bytes). Send a complete file.`);
  return Uint8Array.from(Buffer.concat(chunks));
}

async function checkType(bytes: InputFile['bytes'], kind: FileParameter['kind'], source: Source): Promise<string> {
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
