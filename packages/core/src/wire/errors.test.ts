import { describe, expect, test } from 'vitest';
import { HeuristError, TaskAbortedError, TaskCanceledError, TaskFailedError, TaskTimeoutError } from './errors.ts';

describe('isInstance', () => {
  test('recognises the class and the classes above it', () => {
    const error = new TaskCanceledError('t');
    expect(TaskCanceledError.isInstance(error)).toBe(true);
    expect(HeuristError.isInstance(error)).toBe(true);
    expect(TaskFailedError.isInstance(error)).toBe(false);
    expect(TaskCanceledError.isInstance(new HeuristError('x', { code: 'internal' }))).toBe(false);
  });

  test('recognises errors of another copy of the package, and nothing else', () => {
    const brands = Symbol.for('heurist.error.brands');
    expect(HeuristError.isInstance(Object.assign(new Error('x'), { [brands]: ['HeuristError'] }))).toBe(true);
    expect(HeuristError.isInstance({ [brands]: ['HeuristError'] })).toBe(false);
    expect(HeuristError.isInstance(new Error('x'))).toBe(false);
    expect(HeuristError.isInstance(undefined)).toBe(false);
  });
});

test.each([
  [TaskFailedError, new TaskFailedError({ task_id: 't', status: 'failed' })],
  [TaskCanceledError, new TaskCanceledError('t')],
  [TaskTimeoutError, new TaskTimeoutError(5)],
  [TaskAbortedError, new TaskAbortedError('why')],
])('%s has a name that minified code keeps', (Class, error) => {
  expect(Class.className).toBe(Class.name);
  expect(Class.isInstance(error)).toBe(true);
  const others = [TaskFailedError, TaskCanceledError, TaskTimeoutError, TaskAbortedError].filter(
    (one) => one !== Class,
  );
  expect(others.some((one) => one.isInstance(error))).toBe(false);
});

test('an error has what it was given, and no more', () => {
  const cause = new Error('under');
  const error = new HeuristError('x', { code: 'internal', isRetryable: true, task_id: 't', status: 500, cause });
  expect(error).toMatchObject({
    name: 'HeuristError',
    message: 'x',
    isRetryable: true,
    task_id: 't',
    status: 500,
    cause,
  });
  const plain = new HeuristError('x', { code: 'internal' });
  expect(plain.isRetryable).toBe(false);
  expect('cause' in plain).toBe(false);
  expect(Object.keys(plain).sort()).toEqual(['code', 'isRetryable', 'job_id', 'name', 'status', 'task_id']);
});

test.each<[HeuristError, { message?: string | RegExp; [field: string]: unknown }]>([
  [
    new TaskFailedError({
      task_id: 't',
      status: 'failed',
      error: { code: 'c', message: 'no model', is_retryable: true },
    }),
    { name: 'TaskFailedError', code: 'c', task_id: 't', isRetryable: true, message: 'Task t failed: no model' },
  ],
  [
    new TaskFailedError({ task_id: 't', status: 'failed' }),
    { code: 'task_failed', isRetryable: false, message: 'Task t failed: The sequencer gave no reason.' },
  ],
  [
    new TaskCanceledError('t'),
    { name: 'TaskCanceledError', code: 'task_canceled', task_id: 't', message: 'Task t was canceled.' },
  ],
  [
    new TaskTimeoutError(5, 't'),
    {
      name: 'TaskTimeoutError',
      code: 'task_timeout',
      task_id: 't',
      isRetryable: true,
      message: /task t did not.* 5 ms/,
    },
  ],
  [new TaskTimeoutError(5), { task_id: undefined, message: /the submit did not end within 5 ms/ }],
  [new TaskAbortedError('why', 't'), { name: 'AbortError', code: 'aborted', task_id: 't', cause: 'why' }],
  [new TaskAbortedError('why'), { message: 'Waiting for the submit was aborted.' }],
])('%s', (error, { message, ...expected }) => {
  expect(error).toMatchObject(expected);
  if (message) expect(error.message).toMatch(message);
});

test('a failed task keeps the whole result', () => {
  const result = { task_id: 't', status: 'failed', history: [] } as const;
  expect(new TaskFailedError({ ...result, history: [] }).result).toEqual(result);
});

test('a failed task has its earlier attempts, if the sequencer says them', () => {
  const past = { attempt: 1, miner_id: 'm', code: 'miner_lost', ended_at: '2026-01-01T00:00:00Z' };
  expect(new TaskFailedError({ task_id: 't', status: 'failed', history: [past] }).history).toEqual([past]);
  expect(new TaskFailedError({ task_id: 't', status: 'failed' }).history).toEqual([]);
});
