import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { HiddenAddressError } from '@heurist/server-kit/public-address';
import { type AddressPolicy, publicTarget } from '@heurist/server-kit/public-target';

/** The receiver asked not to be called again. */
export class GoneError extends Error {}

interface PostOptions extends AddressPolicy {
  headers: Record<string, string>;
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Posts a message. Resolves when the receiver has accepted it. Redirects are not followed: they would bypass the check of
 * the address.
 */
export async function postWebhook(
  address: string,
  body: string,
  { headers, privateHosts, proxyResolves, timeoutMs, signal: closing }: PostOptions,
): Promise<void> {
  const url = new URL(address);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const signal = AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]);
  const target = await publicTarget(url, { privateHosts, proxyResolves });
  return await new Promise((resolve, reject) => {
    const options = { method: 'POST', signal, ...target, headers: { ...headers, ...target.headers } };
    const request = send(url, options, ({ statusCode = 0 }) => {
      request.destroy();
      if (statusCode >= 200 && statusCode < 300) resolve();
      else if (statusCode === 410) reject(new GoneError('The receiver answered 410 Gone, so it is not called again.'));
      else reject(new Error(`The receiver answered ${statusCode}.`));
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const { code, message } = error;
      const hasTimedOut = signal.aborted && !closing.aborted;
      if (error instanceof HiddenAddressError) return reject(error);
      if (hasTimedOut) return reject(new Error(`The receiver did not answer within ${timeoutMs / 1000} s.`));
      reject(new Error(code ?? message, { cause: error }));
    });
    request.end(body);
  });
}
