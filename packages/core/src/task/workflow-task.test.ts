import { expect, test } from 'vitest';
import * as zod from 'zod';
import * as z from 'zod/mini';
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import { checkParameters, WorkflowTask, type WorkflowTaskOptions } from './workflow-task.ts';

class PlainTask extends WorkflowTask {
  get task_type() {
    return 'plain';
  }
  get task_details() {
    return { parameters: { image_url: 'kept as it is' } };
  }
}

test.each<WorkflowTaskOptions>([
  {},
  { consumer_id: 'a' },
  { job_id_prefix: 'a' },
  { timeout_seconds: 0 },
  { workflow_id: 'a' },
  { api_key: 'a' },
  { consumer_id: 'a', job_id_prefix: 'b', timeout_seconds: 1, workflow_id: 'c', api_key: 'd' },
])('a task has the options that it was given: %j', (options) => {
  expect({ ...new PlainTask(options) }).toEqual(options);
  const unset = Object.fromEntries(Object.keys(options).map((name) => [name, undefined]));
  expect({ ...new PlainTask(unset) }).toEqual({});
});

test('a task that speaks for itself is sent as it is', () => {
  expect({ ...new PlainTask() }).toEqual({});
  expect(new PlainTask().task_details).toEqual({ parameters: { image_url: 'kept as it is' } });
});

test.each<[Partial<WorkflowTaskResult>, object[]]>([
  [{ outputs: [{ url: 'a' } as never], result: 'b' }, [{ url: 'a' }]],
  [
    { result: 'https://x/a' },
    [
      {
        ...{ url: 'https://x/a', kind: 'file', content_type: 'application/octet-stream' },
        ...{ bytes: 0, sha256: '', filename: 'https://x/a' },
      },
    ],
  ],
  [{ result: { url: 'https://x/a' } }, [expect.objectContaining({ url: 'https://x/a' })]],
  [{ result: { url: 3 } }, []],
  [{ result: null }, []],
  [{}, []],
])('the outputs of %j', (result, outputs) => {
  expect(new PlainTask().parseOutput({ task_id: 't', status: 'finished', ...result })).toEqual({
    task_id: 't',
    outputs,
  });
});

const schema = z.strictObject({
  a: z.number({ error: 'must be a number' }),
  list: z.optional(z.array(z.string({ error: 'must be text' }))),
});
const failure = (value: unknown, used: Parameters<typeof checkParameters>[1] = schema) => {
  try {
    checkParameters('MyTask', used, value);
  } catch (error) {
    return error;
  }
  return undefined;
};

test('what fits is accepted', () => {
  expect(failure({ a: 1 })).toBeUndefined();
});

test.each<[unknown, string]>([
  [{ a: 'x' }, 'MyTask: `a` must be a number.'],
  [{ a: 'x', list: ['b', 1] }, 'MyTask: `a` must be a number; `list.1` must be text.'],
  [{ a: 1, b: 1, c: 1 }, 'MyTask: unknown option b, c (known: a, list).'],
])('%j: %s', (value, message) => {
  expect(failure(value)).toMatchObject({ code: 'invalid_parameters', message });
});

test('ten problems are told at most, and no long names', () => {
  const list = Array(1000).fill(1);
  const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`option${index}`, 1]));
  const { message } = failure({ list, ...many, ['x'.repeat(900_000)]: 1 }) as Error;
  expect(message.length).toBeLessThan(1000);
  expect(message).toMatch(/`list\.0` must be text.*; and \d+ more\.$/);
  expect(failure({ a: 1, ...many })).toMatchObject({
    message: expect.stringMatching(/unknown option option0, .*option9, and 49990 more \(known: a, list\)\.$/),
  });
  expect(failure({ a: 1, ['x'.repeat(900_000)]: 1 })).toMatchObject({ message: expect.stringMatching(/^.{100,200}$/) });
});

test('an unknown option of a schema without fields', () => {
  expect(failure({ a: 1 }, z.strictObject({}))).toMatchObject({
    message: 'MyTask: unknown option a (known: none).',
  });
});

test('messages of other schemas stand by themselves', () => {
  expect(failure({ a: 'x' }, zod.object({ a: zod.number() }))).toMatchObject({
    message: expect.stringMatching(/^MyTask: `a`: Invalid input/),
  });
  expect(failure(1, z.string({ error: 'must be text' }))).toMatchObject({ message: 'MyTask: must be text.' });
});

test('the code can be another', () => {
  expect(() => checkParameters('x', schema, {}, 'invalid_request')).toThrow(
    expect.objectContaining({ code: 'invalid_request' }),
  );
});
