import type { TaskErrorInfo, WireErrorCode, WorkflowTask } from '@heurist/core';
import { Refusal } from '../calls/refusal.ts';
import type { TestClock } from '../clock.ts';
import { loadCore } from '../core.ts';
import type { TestFile } from './files.ts';
import type { FinishOptions, TestTask } from './test-task.ts';

/** Tasks that a plan is for: a task class, a task, a task type such as `upscaler`, or `*` for all. */
// biome-ignore lint/suspicious/noExplicitAny: the options of any task class
export type TaskMatch = (new (...options: any[]) => WorkflowTask) | WorkflowTask | (string & {});

/** When and how often a plan applies. */
export interface PlanOptions {
  /** Milliseconds from the submit to the end, by `sequencer.clock`. Default 0. */
  after?: number | undefined;
  /** How many tasks it is for; the next ones follow the plan before. Default: all. */
  times?: number | undefined;
}

/** Makes the outputs of a task. */
export type MakeFiles = (task: TestTask) => TestFile | readonly TestFile[];

/** What happens to tasks that match. The plan made last goes first. */
export interface TaskPlan {
  /** They finish with these files. Default: one PNG of one pixel. */
  finishWith(files?: TestFile | readonly TestFile[] | MakeFiles, options?: PlanOptions & FinishOptions): void;
  /** They fail. A text is the `code` of the error, such as `input_unreachable`. */
  failWith(error: string | TaskErrorInfo, options?: PlanOptions): void;
  /** They are canceled by the network. */
  cancel(options?: PlanOptions): void;
  /** They wait until the test says otherwise, with a `warning` if there is one. */
  wait(options?: Pick<PlanOptions, 'times'> & { warning?: string | undefined }): void;
  /** They run until the test says otherwise, at `percent`. Default 0. */
  run(options?: Pick<PlanOptions, 'times'> & { percent?: number | undefined }): void;
  /** Their submit is refused: `rate_limited`, `unservable`, `unauthorized` and so on. */
  refuseWith(
    code: WireErrorCode,
    options?: Pick<PlanOptions, 'times'> & { message?: string | undefined; retry_after?: number | undefined },
  ): void;
}

interface Entry {
  match: TaskMatch;
  left: number;
  /** Before the task exists. */
  refuse?: () => never;
  begin?: (task: TestTask) => void;
}

/** The plans of a sequencer. */
export class Plans {
  #entries: Entry[] = [];
  readonly #clock: TestClock;

  constructor(clock: TestClock) {
    this.#clock = clock;
  }

  clear(): void {
    this.#entries = [];
  }

  /** The plan for a submit, which counts as used. */
  async take(task_type: string): Promise<Entry | undefined> {
    for (const entry of this.#entries) {
      if (entry.left === 0 || !(await isMatch(entry.match, task_type))) continue;
      entry.left--;
      return entry;
    }
    return undefined;
  }

  on(match: TaskMatch): TaskPlan {
    checkMatch(match);
    const add = (times: number | undefined, entry: Pick<Entry, 'begin' | 'refuse'>) => {
      this.#entries.unshift({ match, left: times ?? Infinity, ...entry });
    };
    const endAfter = ({ after = 0, times }: PlanOptions, end: (task: TestTask) => void) =>
      add(times, { begin: (task) => this.#endAfter(task, after, end) });
    return {
      finishWith: (files = {}, options = {}) =>
        endAfter(options, (task) => task.finish(typeof files === 'function' ? files(task) : files, options)),
      failWith: (error, options = {}) => endAfter(options, (task) => task.fail(describeFailure(error))),
      cancel: (options = {}) => endAfter(options, (task) => task.cancel()),
      wait: ({ times, warning } = {}) => add(times, { begin: (task) => warning && task.warn(warning) }),
      run: ({ times, percent } = {}) => add(times, { begin: (task) => task.run(percent) }),
      refuseWith: (code, { times, message = `The test refuses this task (${code}).`, retry_after } = {}) =>
        add(times, {
          refuse() {
            throw new Refusal(code, message, { retry_after });
          },
        }),
    };
  }

  #endAfter(task: TestTask, after: number, end: (task: TestTask) => void): void {
    if (after <= 0) {
      end(task);
      return;
    }
    task.run();
    void this.#clock.sleep(after).then(() => end(task));
  }
}

function describeFailure(error: string | TaskErrorInfo): TaskErrorInfo {
  return typeof error === 'string' ? { code: error, message: `The test fails this task (${error}).` } : error;
}

/** @throws {TypeError} for what cannot be a task */
function checkMatch(match: TaskMatch): void {
  const isClass = typeof match === 'function' && 'parseOutput' in match.prototype;
  const isTask = typeof match === 'object' && match !== null && typeof match.task_type === 'string';
  if (isClass || isTask || (typeof match === 'string' && match)) return;
  throw new TypeError(`\`on\` takes a task class, a task or a task type such as "upscaler" (got ${String(match)}).`);
}

async function isMatch(match: TaskMatch, task_type: string): Promise<boolean> {
  if (match === '*') return true;
  if (typeof match === 'string') return match === task_type;
  return (typeof match === 'function' ? await typeOf(match) : match.task_type) === task_type;
}

/** The task type of a class: its own, if it needs no instance, or the one that its name or that of its base has in core. */
async function typeOf(Task: Exclude<TaskMatch, string | WorkflowTask>): Promise<string> {
  const { task_type } = Task as { task_type?: string };
  if (task_type) return task_type;
  try {
    return Task.prototype.task_type;
  } catch {
    const { WorkflowTaskType } = await loadCore();
    for (let at = Task; at?.name; at = Object.getPrototypeOf(at)) {
      const name = at.name.replace(/Task$/, '');
      if (Object.hasOwn(WorkflowTaskType, name)) return WorkflowTaskType[name as keyof typeof WorkflowTaskType];
    }
    const fix = `Pass a task or its type: \`sequencer.on('my-type')\`.`;
    throw new Refusal('internal', `The task type of ${Task.name} cannot be known without an instance. ${fix}`);
  }
}
