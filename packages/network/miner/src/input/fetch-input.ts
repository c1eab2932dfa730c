import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { sniffMediaType } from '@heurist/core';
import type { FileParameter } from '@heurist/core/definition';
import { namesHiddenAddress } from '@heurist/core/node';
import { findUnreadable } from '@heurist/core/protocol';
import { type PublicTarget, publicTarget } from '@heurist/server-kit/public-target';
import { checkMedia } from './check-media.ts';
import { InputError, type InputErrorCode } from './input-error.ts';

/** Where input files may come from. */
export interface InputPolicy {
  /** The sequencer's own address: its files are fetched from anywhere, even a private network. */
  sequencerUrl: string;
  /** Also fetch from private networks. For closed networks only: a task could read whatever the miner can reach. */
  allowPrivateInputs: boolean;
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
  const host = URL.canParse(address) ? new URL(address).host : address;
  try {
    const response = await open(address, policy, limit, MAX_REDIRECTS);
    const bytes = await readBody(response, rule.max_bytes, host, pace.add);
    return { bytes, contentType: await checkType(bytes, rule.kind, host) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof InputError) throw error;
    const reason = pace.tooSlow.aborted ? pace.tooSlow.reason : reasonOf(error as NodeJS.ErrnoException);
    throw new InputError(
      'input_unreachable',
      `Cannot fetch the ${rule.kind} from ${host}: ${reason}. Use an address that the public internet can reach, or upload the file first with heurist.workflow.uploadFile().`,
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

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  return code ?? message;
}

async function open(
  address: string,
  policy: InputPolicy,
  signal: AbortSignal,
  redirects: number,
): Promise<IncomingMessage> {
  const url = new URL(address);
  if (!/^https?:$/.test(url.protocol)) throw new Error('only http and https are supported');
  const isTrusted = policy.allowPrivateInputs || url.origin === new URL(policy.sequencerUrl).origin;
  if (!isTrusted && namesHiddenAddress(url)) throw new Error('not a public address');
  const response = await request(url, signal, isTrusted ? {} : await publicTarget(url, policy));
  const { statusCode = 0, headers } = response;
  if (statusCode >= 200 && statusCode < 300) return response;
  response.destroy();
  if (statusCode >= 300 && statusCode < 400 && headers.location && redirects > 0)
    return await open(new URL(headers.location, url).href, policy, signal, redirects - 1);
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
  host: string,
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
      throw new InputError(
        'input_too_large',
        `The file at ${host} is larger than ${megabytes} MB. Send a smaller file.`,
      );
    }
    chunks.push(chunk);
  }
  if (size === 0)
    throw new InputError('input_invalid', `The file at ${host} is empty (0 bytes). Send a complete file.`);
  return Uint8Array.from(Buffer.concat(chunks));
}

async function checkType(bytes: InputFile['bytes'], kind: FileParameter['kind'], host: string): Promise<string> {
  const unreadable = findUnreadable(bytes);
  if (unreadable)
    throw new InputError(
      'input_invalid',
      `The file at ${host} is ${unreadable.name}. Send ${kind === 'image' ? 'a PNG, JPEG or WebP' : unreadable.convertTo}.`,
    );
  const type = sniffMediaType(bytes);
  if (!type?.startsWith(`${kind}/`))
    throw new InputError(
      'input_invalid',
      `The file at ${host} is not ${article(kind)} (${type ?? 'its content is of no known type'}). Send ${kind === 'image' ? 'a PNG, JPEG or WebP' : `${article(kind)} file`}.`,
    );
  await checkMedia(bytes, kind).catch(({ code, message }: InputError) => {
    throw new InputError(code as InputErrorCode, `Cannot use the ${kind} from ${host}: ${message}`);
  });
  return type;
}

function article(kind: FileParameter['kind']): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
