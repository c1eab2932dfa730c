import type { WorkflowTask, WorkflowTaskOutput } from '../task/workflow-task.ts';
import { type Cancellation, HeuristError, TaskAbortedError } from '../wire/errors.ts';
import type { WorkflowTaskResult } from '../wire/task-result.ts';
import type { SubmitOptions, TaskHandle } from './client-options.ts';
import type { WaitOptions } from './wait-for-task.ts';

/** Options of `runMany`. Those of a wait and a submit apply to each task, `timeout` too. */
export interface RunManyOptions extends Omit<WaitOptions & SubmitOptions, 'onProgress' | 'job_id'> {
  /** Most tasks that are submitted and have not ended, or whose result was not taken yet. Default 10. */
  concurrency?: number | undefined;
  /**
   * Makes the run resumable: its tasks get the job ids `<job_id>-<index>`. A later run with the same `job_id` and tasks finds those of
   * the earlier one, also the finished ones, instead of submitting them again.
   */
  job_id?: string | undefined;
  /** Called with the whole state of a task whenever it changes. An error that it throws is the error of that task. */
  onProgress?: ((state: WorkflowTaskResult, index: number) => void) | undefined;
  /** Gives up the whole run: the iterator throws a {@link TaskAbortedError}, and open tasks end as `onAbort` says. */
  signal?: AbortSignal | undefined;
}

/** One task of a run: submitted by it, or awaited only. */
export type ManyTask = WorkflowTask | TaskHandle<WorkflowTaskOutput>;

/** The typed output of a task, a handle or a task class. */
export type OutputOf<Task> =
  Task extends TaskHandle<infer Output>
    ? Output
    : Task extends { parseOutput(result: WorkflowTaskResult): infer Output }
      ? Output
      : never;

/** What became of one task of a run: its output, or why there is none. */
export type RunManyResult<Output> = {
  /** Its place among the tasks, from 0. */
  index: number;
  task_id: string | undefined;
  job_id: string | undefined;
} & ({ output: Output; error?: undefined } | { output?: undefined; error: Error });

/** Submits one task and waits, as `Workflow.run` does. */
export type RunOne = (task: WorkflowTask, options: WaitOptions & SubmitOptions) => Promise<WorkflowTaskOutput>;

const isHandle = (task: unknown): task is TaskHandle<WorkflowTaskOutput> =>
  Object(task) === task && 'wait' in (task as object);

type Source<Task> = Iterable<Task> | AsyncIterable<Task>;

/** Behind `Workflow.runMany`. */
export async function* runMany<Task extends ManyTask>(
  run: RunOne,
  tasks: Source<Task>,
  options: RunManyOptions,
): AsyncGenerator<RunManyResult<OutputOf<Task>>, void, undefined> {
  const { concurrency = 10, signal } = options;
  if (!(concurrency >= 1))
    throw new HeuristError(`\`concurrency\` must be 1 or more (got ${concurrency}).`, {
      code: 'invalid_configuration',
    });
  const all = createRun(run, tasks, options, concurrency);
  const abort = () => all.stop(signal?.reason);
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  try {
    for (;;) {
      if (signal?.aborted) throw abortedRun(signal.reason, all.settled());
      const result = all.take();
      if (result) yield result as RunManyResult<OutputOf<Task>>;
      else if (all.isOver) return;
      else await all.news();
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    all.stop();
    // a program that leaves the loop may exit right after
    if (!signal?.aborted) await all.settled();
  }
}

function abortedRun(reason: unknown, settled: Promise<Cancellation>): TaskAbortedError {
  const error = new TaskAbortedError(reason, undefined, undefined, 'the run');
  error.cancellation = settled;
  return error;
}

function createRun<Task extends ManyTask>(
  run: RunOne,
  tasks: Source<Task>,
  { concurrency: _, job_id, onProgress, signal: __, ...each }: RunManyOptions,
  concurrency: number,
) {
  const end = new AbortController();
  const iterator = Symbol.asyncIterator in tasks ? tasks[Symbol.asyncIterator]() : tasks[Symbol.iterator]();
  const running = new Set<Promise<RunManyResult<unknown>>>();
  const ready: RunManyResult<unknown>[] = [];
  let [count, isPulling, isDrained] = [0, false, false];
  let failure: { error: unknown } | undefined;
  let wake = () => {};

  async function runOne(task: Task, index: number): Promise<RunManyResult<unknown>> {
    const job = job_id === undefined ? {} : { job_id: `${job_id}-${index}` };
    const report = onProgress && ((state: WorkflowTaskResult) => onProgress(state, index));
    const wait = { ...each, signal: end.signal, onProgress: report };
    const handle = isHandle(task) ? task : undefined;
    try {
      if (Object(task) !== task)
        throw new HeuristError(`A run takes tasks and handles (got ${task} at index ${index}).`, {
          code: 'invalid_parameters',
        });
      const output = await (handle ? handle.wait(wait) : run(task as WorkflowTask, { ...wait, ...job }));
      return { index, task_id: output.task_id, job_id: job.job_id, output };
    } catch (error) {
      const { task_id = handle?.task_id, job_id = job.job_id } = error as HeuristError;
      return { index, task_id, job_id, error: error as Error };
    }
  }

  function start(task: Task) {
    const one = runOne(task, count++);
    running.add(one);
    void one.then((result) => {
      running.delete(one);
      ready.push(result);
      wake();
    });
  }

  /** Takes tasks from the source while there is room: it may be endless, or slow. */
  async function fill() {
    if (isPulling) return;
    isPulling = true;
    try {
      while (!isDrained && !end.signal.aborted && running.size + ready.length < concurrency) {
        const { done, value } = await iterator.next();
        if (done) isDrained = true;
        else if (!end.signal.aborted) start(value);
      }
    } catch (error) {
      [isDrained, failure] = [true, { error }];
    }
    isPulling = false;
    wake();
  }

  void fill();
  return {
    /** The next result, if there is one. */
    take() {
      const result = ready.shift();
      if (result) void fill();
      return result;
    },
    /** @throws what the source of tasks threw, once the tasks before it have ended */
    get isOver(): boolean {
      const isOver = isDrained && !isPulling && running.size + ready.length === 0;
      if (isOver && failure) throw failure.error;
      return isOver;
    },
    news: () =>
      new Promise<void>((resolve) => {
        wake = resolve;
      }),
    stop(reason?: unknown) {
      if (end.signal.aborted) return;
      end.abort(reason);
      wake();
      if (!isDrained) void Promise.resolve(iterator.return?.()).catch(() => {});
    },
    /** What became of the open tasks. */
    async settled(): Promise<Cancellation> {
      const ended = await Promise.all(running);
      const errors = ended.flatMap(({ error }) => (TaskAbortedError.isInstance(error) ? error.cancellation : []));
      const outcomes = await Promise.all(errors);
      const worst = (['unknown', 'left', 'canceled'] as const).find((each) =>
        outcomes.some(({ outcome }) => outcome === each),
      );
      const found = outcomes.find(({ outcome }) => outcome === worst);
      return found ?? { outcome: 'not_submitted' };
    },
  };
}
