import { expect, test } from 'vitest';
import {
  FamilyTask,
  type TaskKind,
  type TaskOutput,
  type WorkflowTaskOptions,
  type WorkflowTaskOutput,
} from '../index.ts';
import { options, prompt, steps } from '../parameters.ts';

interface MyOutput extends WorkflowTaskOutput {
  video: TaskOutput;
}
const several: TaskKind = {
  name: 'MyTask',
  task_type: 'mine',
  makes: 'video',
  options: { large: options(prompt(), steps()), small: options(prompt()) },
  defaultId: 'large',
};
const networks: TaskKind = { ...several, isNetworksChoice: true };
const single: TaskKind = { ...several, options: options(prompt()), defaultId: 'only' };

/** A task class of a package. */
const classOf = (kind: TaskKind) =>
  class extends FamilyTask<MyOutput> {
    static override readonly kind = kind;

    constructor(given: WorkflowTaskOptions & { prompt: string; steps?: number }) {
      super(given);
    }
  };
type Given = ConstructorParameters<ReturnType<typeof classOf>>[0];
const taskOf = (kind: TaskKind, given: Given) => new (classOf(kind))(given);

test.each<[string, TaskKind, string | undefined, string | undefined]>([
  ['the default is sent', several, undefined, 'large'],
  ['a graph that was named is sent', several, 'small', 'small'],
  ['the network picks, where the package leaves it to it', networks, undefined, undefined],
  ['a graph that was named is sent there too', networks, 'small', 'small'],
  ['one schema is good for every id', single, 'a-name-elsewhere', 'a-name-elsewhere'],
  ['the only graph is sent', single, undefined, 'only'],
])('%s', (_, kind, given, sent) => {
  const task = taskOf(kind, { prompt: 'x', ...(given && { workflow_id: given }), timeout_seconds: 3 });
  expect([task.workflow_id, task.task_type, task.timeout_seconds]).toEqual([sent, 'mine', 3]);
  expect(task.parameters).toEqual({ prompt: 'x' });
});

test('options are those of the graph that was named, else of the default', () => {
  expect(taskOf(several, { prompt: 'x', steps: 3 }).parameters).toEqual({ prompt: 'x', steps: 3 });
  expect(taskOf(networks, { prompt: 'x', steps: 3 }).parameters).toEqual({ prompt: 'x', steps: 3 });
  expect(() => taskOf(several, { workflow_id: 'small', prompt: 'x', steps: 3 })).toThrow('MyTask small: unknown');
  expect(() => taskOf(networks, { prompt: '' })).toThrow('MyTask: `prompt` must');
});

test('a graph of another package is refused, with those that there are', () => {
  expect(() => taskOf(several, { workflow_id: 'toString', prompt: 'x' })).toThrow(
    expect.objectContaining({
      code: 'invalid_parameters',
      message: '`workflow_id` must be one of large, small (got "toString").',
    }),
  );
});

test('the first output has the name of what the task makes', () => {
  const output = taskOf(several, { prompt: 'x' }).parseOutput({
    task_id: '1',
    status: 'finished',
    result: 'https://x/a.mp4',
    parameters: { seed: 7 },
  });
  expect(output).toMatchObject({ task_id: '1', video: { url: 'https://x/a.mp4' }, seed: 7 });
});

test('a class knows its type, and reads results, without an instance', () => {
  const MyTask = classOf(several);
  expect([MyTask.task_type, MyTask.prototype.task_type]).toEqual(['mine', 'mine']);
  const output = MyTask.prototype.parseOutput({ task_id: '1', status: 'finished', result: 'https://x/a.mp4' });
  expect(output.video.url).toBe('https://x/a.mp4');
});
