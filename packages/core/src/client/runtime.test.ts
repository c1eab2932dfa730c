import { afterEach, expect, test, vi } from 'vitest';
import { Heurist } from './heurist.ts';

afterEach(() => vi.unstubAllGlobals());

test('a runtime that lacks something is told so when the client is made, all of it in one error', () => {
  new Heurist();
  vi.stubGlobal('crypto', undefined);
  vi.stubGlobal('AbortSignal', class {});
  vi.stubGlobal('URL', class {});
  expect(() => new Heurist()).toThrow(
    expect.objectContaining({
      code: 'invalid_configuration',
      message:
        'This JavaScript runtime has no AbortSignal.timeout, AbortSignal.prototype.throwIfAborted, URL.canParse, crypto.getRandomValues. Load polyfills before `new Heurist()`.',
    }),
  );
});
