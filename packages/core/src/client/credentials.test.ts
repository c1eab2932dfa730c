import { describe, expect, test } from 'vitest';
import { HeuristError } from '../wire/errors.ts';
import { parseCredentials } from './credentials.ts';

test.each([
  ['acme#key', 'acme', 'key'],
  ['acme-key', 'acme', 'key'],
  ['0b6e-11#3f-a2-9c', '0b6e-11', '3f-a2-9c'],
])('%s', (text, consumer_id, api_key) => {
  expect(parseCredentials(text)).toEqual({ consumer_id, api_key });
});

function refusal(key: string | undefined): HeuristError {
  try {
    parseCredentials(key);
  } catch (error) {
    if (HeuristError.isInstance(error)) return error;
  }
  throw new Error(`"${key}" was not refused`);
}

describe.each<[string | undefined, RegExp]>([
  [undefined, /^No API key\. .*HEURIST_API_KEY/],
  ['', /^No API key\. .*HEURIST_API_KEY/],
  // what is left of a key without quotes in a .env file
  ['local', /must have two parts.* put it in quotes/],
  ['secret-secret-secret', /more than one "-"/],
  ['secret#secret#secret', /more than one "#"/],
  ['#secret', /must have two parts/],
  ['secret#', /must have two parts/],
  ['-', /must have two parts/],
  ['#', /must have two parts/],
])('%s', (key, message) => {
  test('is refused with the form that a key has', () => {
    const error = refusal(key);
    expect(error.code).toBe('invalid_configuration');
    expect(error.message).toMatch(message);
    expect(error.message).toContain('consumerId#apiKey');
  });

  test('is never repeated by the message, nor by what is under it', () => {
    const { message: text, cause, stack } = refusal(key);
    expect([text, cause, stack].join()).not.toMatch(/secret/);
  });
});
