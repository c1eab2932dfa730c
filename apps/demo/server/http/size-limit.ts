import { HeuristError } from '@heurist/core';
import { limitBody } from '@heurist/server-kit/limit-body';

/**
 * Refuses larger bodies.
 *
 * @param what - what is too large, for the message
 * @param advice - how to make it smaller
 * @throws {HeuristError} `payload_too_large`
 */
export function limitSize(what: string, maxBytes: number, advice = '') {
  const limit = maxBytes < 1e6 ? `${maxBytes / 1e3} kB` : `${maxBytes / 1e6} MB`;
  return limitBody(maxBytes, () => {
    throw new HeuristError(`The ${what} is too large: the limit is ${limit}.${advice}`, { code: 'payload_too_large' });
  });
}
