import { afterEach, expect, test, vi } from 'vitest';
import { environmentVariable } from './environment.ts';

afterEach(() => vi.unstubAllEnvs());

test.each([
  ['set', 'value', 'value'],
  ['padded', ' value\n', 'value'],
  ['empty', '', undefined],
  ['blank', '  ', undefined],
  ['unset', undefined, undefined],
])('a variable that is %s', (_, value, expected) => {
  vi.stubEnv('HEURIST_TEST_VARIABLE', value);
  expect(environmentVariable('HEURIST_TEST_VARIABLE')).toBe(expected);
});

test.each([undefined, {}])('a platform without variables: process is %j', (process) => {
  vi.stubGlobal('process', process);
  try {
    expect(environmentVariable('HOME')).toBeUndefined();
  } finally {
    vi.unstubAllGlobals();
  }
});
