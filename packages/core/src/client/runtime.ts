import { HeuristError } from '../wire/errors.ts';

/** What the client needs, by name. Browsers, Node, Bun, Deno and Workers have all of it; React Native needs polyfills for some. */
const NEEDED = [
  'fetch',
  'Request',
  'Response',
  'Headers',
  'Blob',
  'AbortController',
  'Promise.withResolvers',
  'AbortSignal.timeout',
  'AbortSignal.prototype.throwIfAborted',
  'URL.canParse',
  'crypto.getRandomValues',
  'performance.now',
];

/**
 * Looks once, before anything begins: later, each would be missed somewhere else.
 *
 * @throws {HeuristError} `invalid_configuration`, with everything that is missing
 */
export function checkRuntime(): void {
  const missing = NEEDED.filter((name) => !name.split('.').reduce(read, globalThis));
  if (missing.length)
    throw new HeuristError(
      `This JavaScript runtime has no ${missing.join(', ')}. Load polyfills before \`new Heurist()\`.`,
      { code: 'invalid_configuration' },
    );
}

const read = (value: object | undefined, name: string): object | undefined =>
  (value as Record<string, object> | undefined)?.[name];
