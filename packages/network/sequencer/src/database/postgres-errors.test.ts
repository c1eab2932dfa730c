import pg from 'pg';
import { expect, test } from 'vitest';
import { describeFailure, isLockTimeout, isSuspicious } from './postgres-errors.ts';

/** As the server answers it. */
const refused = (code: string, message = 'refused') =>
  Object.assign(new pg.DatabaseError(message, message.length, 'error'), { code });

test.each([
  ['a connection that broke', '08006'],
  ['too many connections', '53300'],
  ['a full disk', '53100'],
  ['a statement that its limit ended', '57014'],
  ['a server that shuts down', '57P01'],
  ['a server that starts', '57P03'],
  ['a lock that was not granted in time', '55P03'],
  ['a deadlock, which ended one of two', '40P01'],
  ['a standby, asked to write', '25006'],
  ['a standby, asked for what only the primary has', '0A000'],
])('%s passes (%s): callers try again', (_, code) => {
  expect(describeFailure(refused(code))).toMatchObject({ code: 'unavailable', isRetryable: true });
});

test.each([
  ['a mistake in a statement', '42601'],
  ['a value that a column does not take', '22P02'],
  ['a row that is there already', '23505'],
])('%s stays as it is (%s)', (_, code) => {
  const error = refused(code);
  expect(describeFailure(error)).toBe(error);
});

test('connections to a standby are given up; others are kept when a statement fails', () => {
  expect(['25006', '0A000', '42601', '55P03'].map((code) => isSuspicious(refused(code)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('a lock that was not granted in time is told apart, however it is wrapped', () => {
  const error = refused('55P03');
  expect([error, describeFailure(error), refused('57014')].map(isLockTimeout)).toEqual([true, true, false]);
});
