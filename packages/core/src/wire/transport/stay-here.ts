import { HeuristError } from '../errors.ts';
import type { Authority } from '../http-error.ts';
import { isWeb } from './check-url.ts';

/** As the global one. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * A fetch that never takes a key elsewhere: what a redirect names must have the origin of the sequencer, its scheme included. 307 and
 * 308 are followed there; the others would turn the call into a GET, which no sequencer answers.
 */
export function stayHere(fetch: Fetch, baseUrl: string, authority: Authority, heed: (response: Response) => void) {
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
