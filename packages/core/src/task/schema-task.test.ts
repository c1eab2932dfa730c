import { expect, test } from 'vitest';
import { options, prompt, steps } from '../parameters.ts';
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import { SchemaTask } from './schema-task.ts';

class MyTask extends SchemaTask {
  constructor(given: object) {
    super('MyTask', options(prompt(), steps()), given);
  }
  get task_type() {
    return 'mine';
  }
  imageOf(result: Partial<WorkflowTaskResult>) {
    return this.outputAs('image', { task_id: 't', status: 'finished', ...result });
  }
}

const common = { consumer_id: 'a', job_id_prefix: 'b', timeout_seconds: 1, workflow_id: 'c', api_key: 'd' };

test('the options of every task are not parameters, and undefined is not a value', () => {
  const task = new MyTask({ ...common, prompt: 'x', steps: undefined, nothing: undefined });
  expect(task.task_details).toEqual({ parameters: { prompt: 'x' } });
  expect(task).toMatchObject(common);
});

test('messages name the task, and its graph if one was chosen', () => {
  expect(() => new MyTask({ prompt: '' })).toThrow('MyTask: `prompt` must not be empty');
  expect(() => new MyTask({ prompt: '', workflow_id: 'large' })).toThrow('MyTask large: `prompt` must not be empty');
});

test.each([
  [{ parameters: { seed: 0 } }, 0],
  [{ parameters: { noise_seed: 5 } }, 5],
  [{ parameters: { seed: 'x' } }, undefined],
  [{ parameters: {} }, undefined],
  [{}, undefined],
])('the seed of %j is %s', (result, seed) => {
  expect(new MyTask({ prompt: 'x' }).imageOf({ result: 'https://x/a', ...result }).seed).toBe(seed);
});

test('the first output has a name of its own', () => {
  const output = new MyTask({ prompt: 'x' }).imageOf({ outputs: [{ url: 'a' }, { url: 'b' }] as never });
  expect(output).toMatchObject({ task_id: 't', image: { url: 'a' }, outputs: [{ url: 'a' }, { url: 'b' }] });
});

test('a task that finished without an output is an error', () => {
  expect(() => new MyTask({ prompt: 'x' }).imageOf({ outputs: [] })).toThrow(
    expect.objectContaining({
      code: 'invalid_reply',
      task_id: 't',
      message: 'Task t finished without an output. Submit it again.',
    }),
  );
});
