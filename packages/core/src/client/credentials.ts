import { HeuristError } from '../wire/errors.ts';
import type { Credentials } from '../wire/transport.ts';

export type { Credentials } from '../wire/transport.ts';

const invalid = (message: string) => new HeuristError(message, { code: 'invalid_configuration' });

/**
 * Splits a key of the form `consumerId#apiKey`. The legacy form `consumerId-apiKey` is accepted only if it is unambiguous:
 * with exactly one dash. Messages never repeat the key.
 *
 * @throws {HeuristError} `invalid_configuration` if the key is missing, has no separator, or is ambiguous
 */
export function parseCredentials(key: string | undefined): Credentials {
  if (!key) throw invalid('No API key. Pass { apiKey } or set HEURIST_API_KEY to "consumerId#apiKey".');
  const separator = key.includes('#') ? '#' : '-';
  const parts = key.split(separator);
  if (parts.length > 2)
    throw invalid(
      `The API key has more than one "${separator}", so it is unclear where the consumer id ends. Write it as "consumerId#apiKey".`,
    );
  const [consumer_id, api_key] = parts;
  if (!consumer_id || !api_key)
    throw invalid('The API key must have two parts: "consumerId#apiKey". In a .env file, put it in quotes.');
  return { consumer_id, api_key };
}
