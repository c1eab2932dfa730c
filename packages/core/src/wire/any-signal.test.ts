import { afterEach, describe, expect, test, vi } from 'vitest';
import { anySignal } from './any-signal.ts';

afterEach(() => vi.restoreAllMocks());

describe.each([true, false])('in a runtime that has AbortSignal.any: %s', (hasAny) => {
  const { any } = AbortSignal;
  const set = (value: unknown) =>
    Object.defineProperty(AbortSignal, 'any', { value, configurable: true, writable: true });
  const inRuntime = (check: () => void) => {
    if (!hasAny) Reflect.deleteProperty(AbortSignal, 'any');
    try {
      check();
    } finally {
      set(any);
    }
  };

  test('the first signal that fires aborts it, with its reason', () =>
    inRuntime(() => {
      const [one, two] = [new AbortController(), new AbortController()];
      const signal = anySignal([one.signal, two.signal]);
      expect(signal.aborted).toBe(false);
      two.abort(new Error('two'));
      expect([signal.aborted, signal.reason.message]).toEqual([true, 'two']);
    }));

  test('one that has fired before aborts it at once', () =>
    inRuntime(() => {
      expect(anySignal([new AbortController().signal, AbortSignal.abort('gone')]).reason).toBe('gone');
    }));
});
