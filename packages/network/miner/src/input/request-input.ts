import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { FileParameter } from '@heurist/core/definition';
import { type PublicTarget, publicTarget } from '@heurist/server-kit/public-target';
import packageJson from '../../package.json' with { type: 'json' };
import type { InputPolicy } from './input-policy.ts';
import type { OwnFiles } from './own-files.ts';

/** As many as browsers follow on the way to most files. */
export const MAX_REDIRECTS = 10;

/** Hosts refuse those who do not say who they are. */
const USER_AGENT = `heurist-miner/${packageJson.version}`;

/** What is wanted first, as a host with several forms of a file is told. Anything is taken: the bytes decide. */
const ACCEPT: Record<string, string> = {
  image: 'image/png,image/jpeg,image/webp,image/gif;q=0.9,*/*;q=0.5',
  video: 'video/mp4,video/webm,video/*;q=0.9,*/*;q=0.5',
  audio: 'audio/*,*/*;q=0.5',
};

/** A request for an input file. */
export interface InputRequest extends InputPolicy {
  kind: FileParameter['kind'];
  own: OwnFiles;
  signal: AbortSignal;
}

/** The server of a file has answered, without the file. */
export class StatusError extends Error {
  readonly status: number;
  /** Of its header, as it came. */
  readonly retryAfter: string | undefined;

  constructor(status: number, retryAfter?: string) {
    super(`the server returned status ${status}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * Requests a file and follows redirects. Each address on the way is checked.
 *
 * @throws {StatusError} if the answer is neither the file nor a redirect to it
 */
export async function requestInput(
  url: URL,
  request: InputRequest,
  redirects = MAX_REDIRECTS,
  from?: URL,
): Promise<IncomingMessage> {
  if (!/^https?:$/.test(url.protocol)) throw new Error('only http and https are supported');
  const { own } = request;
  const target = own.isTrusted(url) ? {} : await publicTarget(url, own.policyFor(url, from) ?? request);
  const response = await send(url, request, target);
  const { statusCode = 0, headers } = response;
  if (statusCode >= 200 && statusCode < 300) return response;
  response.destroy();
  const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location;
  if (!isRedirect) throw new StatusError(statusCode, headers['retry-after']);
  if (redirects === 0) throw new Error(`more than ${MAX_REDIRECTS} redirects`);
  return await requestInput(new URL(headers.location!, url), request, redirects - 1, url);
}

async function send(
  url: URL,
  { kind, signal }: InputRequest,
  { headers, ...target }: Partial<PublicTarget>,
): Promise<IncomingMessage> {
  const get = url.protocol === 'https:' ? httpsGet : httpGet;
  // compressed pictures are no smaller, but some hosts send them so in any case
  const own = { 'user-agent': USER_AGENT, accept: ACCEPT[kind] ?? '*/*', 'accept-encoding': 'identity' };
  return await new Promise((resolve, reject) => {
    get(url, { signal, ...target, headers: { ...own, ...headers } }, resolve).on('error', reject);
  });
}
