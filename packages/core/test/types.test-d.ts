// What the types promise to apps. Everything here is checked with `exactOptionalPropertyTypes`.
import { describe, expectTypeOf, test } from 'vitest';
import {
  FamilyTask,
  type FileInput,
  Heurist,
  type HeuristOptions,
  type RequestOptions,
  type RunManyOptions,
  type SessionOptions,
  type SubmitOptions,
  TaskFailedError,
  type TaskKind,
  type TaskOutput,
  type WaitOptions,
  type WorkflowTaskOptions,
  type WorkflowTaskOutput,
  type WorkflowTaskResult,
} from '../src/index.ts';
import { file, type SaveOptions, saveOutput } from '../src/node.ts';

interface ImageOutput extends WorkflowTaskOutput {
  image: TaskOutput;
}
interface VideoOutput extends WorkflowTaskOutput {
  video: TaskOutput;
}
declare const kind: TaskKind;
class ImageTask extends FamilyTask<ImageOutput> {
  static override readonly kind = kind;
  constructor(options: WorkflowTaskOptions & { image_url: FileInput; steps?: number | undefined }) {
    super(options);
  }
}
class VideoTask extends FamilyTask<VideoOutput> {
  static override readonly kind = kind;
}
declare const heurist: Heurist;
declare const output: TaskOutput;

describe('tasks', () => {
  test('run resolves with the output of the task', () => {
    const task = new ImageTask({ image_url: 'https://example.com/a.png' });
    expectTypeOf(heurist.workflow.run(task)).resolves.toEqualTypeOf<ImageOutput>();
  });

  test('a handle with a class has its output, one without has the state', () => {
    expectTypeOf(heurist.workflow.task(ImageTask, 'id').wait()).resolves.toEqualTypeOf<ImageOutput>();
    expectTypeOf(heurist.workflow.task('id').wait()).resolves.toEqualTypeOf<WorkflowTaskResult>();
    // @ts-expect-error: the id comes last
    heurist.workflow.task('id', ImageTask);
    // @ts-expect-error: a class needs an id
    heurist.workflow.task(ImageTask);
  });

  test('runMany yields either an output or an error', async () => {
    const tasks = [new ImageTask({ image_url: 'https://example.com/a.png' })];
    for await (const result of heurist.workflow.runMany(tasks, { concurrency: 2 })) {
      expectTypeOf(result.index).toBeNumber();
      if (result.error) {
        expectTypeOf(result.error).toEqualTypeOf<Error>();
        expectTypeOf(result.output).toEqualTypeOf<undefined>();
      } else expectTypeOf(result.output).toEqualTypeOf<ImageOutput>();
    }
  });

  test('runMany takes tasks of several kinds, handles and generators', async () => {
    const mixed = [new ImageTask({ image_url: 'https://x.test' }), new VideoTask({})];
    for await (const { output } of heurist.workflow.runMany(mixed))
      expectTypeOf(output).toEqualTypeOf<ImageOutput | VideoOutput | undefined>();
    const handles = [heurist.workflow.task(ImageTask, 'a')];
    for await (const { output } of heurist.workflow.runMany(handles))
      expectTypeOf(output).toEqualTypeOf<ImageOutput | undefined>();
    async function* generated() {
      yield new VideoTask({});
    }
    for await (const { output } of heurist.workflow.runMany(generated()))
      expectTypeOf(output).toEqualTypeOf<VideoOutput | undefined>();
    // @ts-expect-error: each task has a job id of its own
    heurist.workflow.runMany(mixed, { job_ids: ['a'] });
  });

  test('a class knows its type', () => {
    expectTypeOf(ImageTask.task_type).toBeString();
  });
});

describe('files', () => {
  test('a file option takes whatever holds a file', () => {
    const takes = (image_url: FileInput) => new ImageTask({ image_url });
    takes('https://example.com/a.png');
    takes(new URL('https://example.com/a.png'));
    takes(new Blob([]));
    takes(new File([], 'a.png'));
    takes(new Uint8Array());
    takes(Buffer.alloc(0));
    takes(new ArrayBuffer());
    takes(new ReadableStream<Uint8Array>());
    takes(file('./a.png'));
    takes(file(new URL('file:///a.png')));
    // @ts-expect-error: a number is no file
    takes(5);
    // @ts-expect-error: a Response is no file; its body is
    takes(new Response());
  });

  test('an output has methods beside its facts', () => {
    expectTypeOf(output.bytes()).resolves.toEqualTypeOf<Uint8Array>();
    expectTypeOf(output.blob()).resolves.toEqualTypeOf<Blob>();
    expectTypeOf(output.stream()).toEqualTypeOf<ReadableStream<Uint8Array>>();
    expectTypeOf(output.save('a.png')).resolves.toBeString();
    expectTypeOf(output.url).toBeString();
    expectTypeOf(output.size).toBeNumber();
    saveOutput({ url: 'https://example.com/a.png' }, 'a.png');
  });
});

describe('options', () => {
  /** The options whose values may not be `undefined`, though they may be left out. */
  type Strict<Options> = {
    [Name in keyof Options]-?: Options extends Record<Name, Options[Name]>
      ? never
      : undefined extends Required<{ [Key in Name]: Options[Name] | 0 }>[Name]
        ? never
        : Name;
  }[keyof Options];

  test('each may be `undefined`', () => {
    expectTypeOf<Strict<HeuristOptions>>().toBeNever();
    expectTypeOf<Strict<SubmitOptions>>().toBeNever();
    expectTypeOf<Strict<WaitOptions>>().toBeNever();
    expectTypeOf<Strict<RequestOptions>>().toBeNever();
    expectTypeOf<Strict<RunManyOptions>>().toBeNever();
    expectTypeOf<Strict<SaveOptions>>().toBeNever();
    expectTypeOf<Strict<SessionOptions>>().toBeNever();
    expectTypeOf<Strict<WorkflowTaskOptions>>().toBeNever();
    // the check itself
    expectTypeOf<Strict<{ a?: number; b?: number | undefined; c: number }>>().toEqualTypeOf<'a'>();
  });

  test('also where they come from other options', () => {
    const { signal, timeout }: { signal?: AbortSignal | undefined; timeout?: number | undefined } = {};
    const task = new ImageTask({ image_url: 'https://x.test', steps: undefined, workflow_id: undefined });
    heurist.workflow.run(task, { signal, timeout, onProgress: undefined, priority: undefined });
    heurist.workflow.queryTaskResult('id', { signal });
    heurist.workflow.cancelTask('id', { signal });
    heurist.workflow.task('id').query({ signal });
    heurist.workflow.task('id').cancel({ signal });
    heurist.workflow.uploadFile(new Blob([]), { signal });
    heurist.workflow.createSession({ task_types: undefined }, { signal });
    output.save('a.png', { signal });
    new Heurist({ apiKey: undefined, fetch: undefined, headers: undefined });
    new Heurist({ fetch, headers: { 'x-gateway': 'pass' } });
  });
});

test('a failed task says why', () => {
  expectTypeOf<TaskFailedError['code']>().toBeString();
  expectTypeOf<TaskFailedError['history'][number]['code']>().toBeString();
  const error: unknown = undefined;
  if (TaskFailedError.isInstance(error)) expectTypeOf(error.result).toEqualTypeOf<WorkflowTaskResult>();
});
