import type { HeuristOptions } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { Answering, type RecordedCall } from './calls/answering.ts';
import { sendWebhook } from './calls/send-webhook.ts';
import { TestClock } from './clock.ts';
import type { FaultName, InjectOptions } from './faults/index.ts';
import { type Injection, Injections } from './faults/injections.ts';
import { createFetch } from './http/fetch.ts';
import { type Listener, startListener } from './http/socket.ts';
import { FileShelf } from './tasks/files.ts';
import { Plans, type TaskMatch, type TaskPlan } from './tasks/plan.ts';
import type { TestTask } from './tasks/test-task.ts';

/** Settings of a test sequencer. */
export interface TestSequencerOptions {
  /** The key that it accepts, `consumerId#apiKey`. Default `test#test-key`. */
  apiKey?: string | undefined;
  /**
   * Definitions of workflow packages (`@heurist/upscaler/definition`). With them it refuses unknown workflows and wrong parameters, as
   * a network does. Default: any task type with any parameters is accepted.
   */
  workflows?: readonly WorkflowDefinition[] | undefined;
  /** Listen on 127.0.0.1. Default `true`; without it, only `fetch` reaches the sequencer. */
  socket?: boolean | undefined;
}

/** A sequencer in memory that does as a test says. */
export interface TestSequencer {
  /** Its address, for `workflowURL` and `HEURIST_WORKFLOW_URL`. */
  readonly url: string;
  /** What a client needs: `new Heurist(sequencer.options)`. */
  readonly options: Required<Pick<HeuristOptions, 'apiKey' | 'workflowURL'>>;
  /** The same as environment variables, for a process under test. */
  readonly env: { HEURIST_API_KEY: string; HEURIST_WORKFLOW_URL: string };
  /** Reaches the sequencer without a socket. Faults reject as in Node. */
  readonly fetch: typeof fetch;
  /** Its time. Tests move it. */
  readonly clock: TestClock;
  /** Every call so far, in order, uploads and downloads included. */
  readonly calls: readonly RecordedCall[];
  /** Every task so far, in order. */
  readonly tasks: readonly TestTask[];
  /** Bytes of the files that were uploaded so far, in order. */
  readonly uploads: readonly Uint8Array[];
  /**
   * Says what happens to tasks. Without a plan they finish at once, with a PNG of one pixel.
   *
   * @param match - a task class, a task, a task type, or `*` for all. Classes of one task type share their plans
   * @throws {TypeError} for anything else
   */
  on(match: TaskMatch): TaskPlan;
  /**
   * Injects a fault. Resolves when it is in effect.
   *
   * @param name - see `docs/faults.md`
   * @throws {TypeError} for a name that is not in the list
   */
  inject(name: FaultName, options?: InjectOptions): Promise<Injection>;
  /** Resolves with the first task that is submitted from now on. */
  nextTask(): Promise<TestTask>;
  /** Forgets plans, faults, calls, tasks and files. The address stays. */
  reset(): Promise<void>;
  /** Stops listening and cuts every connection. Also by `await using`. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a sequencer in memory, for tests of an app.
 *
 * ```ts
 * const sequencer = await createTestSequencer();
 * sequencer.on(UpscalerTask).failWith('input_unreachable');
 * const heurist = new Heurist(sequencer.options);
 * // ... and after the test:
 * await sequencer.close();
 * ```
 */
export async function createTestSequencer({
  apiKey = 'test#test-key',
  workflows = [],
  socket = true,
}: TestSequencerOptions = {}): Promise<TestSequencer> {
  if (!/^[^#]+#[^#]+$/.test(apiKey))
    throw new TypeError('`apiKey` must have the form `consumerId#apiKey`, such as "test#test-key".');
  const clock = new TestClock();
  const plans = new Plans(clock);
  const files = new FileShelf();
  const tasks = new Map<string, TestTask>();
  let awaiting: ((task: TestTask) => void)[] = [];
  let listener: Listener | undefined;
  let isClosed = false;
  const injections = new Injections(clock, async (isDown) => {
    // a fault that ends later must not open the port again
    await (isDown || isClosed ? listener?.down() : listener?.up());
  });
  const onTask = (task: TestTask) => {
    for (const resolve of awaiting.splice(0)) resolve(task);
    if (task.submitted.webhook_url) void sendWebhook(task, clock);
  };
  const answering = new Answering({ apiKey, workflows, clock, plans, files, tasks, onTask }, injections);
  const handle = answering.answer.bind(answering);
  if (socket) listener = await startListener(handle);
  const url = listener?.url ?? 'http://127.0.0.1:1';

  async function close() {
    isClosed = true;
    await injections.clear();
    awaiting = [];
  }
  return {
    url,
    options: { apiKey, workflowURL: url },
    env: { HEURIST_API_KEY: apiKey, HEURIST_WORKFLOW_URL: url },
    fetch: createFetch(handle, () => injections.isDown),
    clock,
    get calls() {
      return answering.calls;
    },
    get tasks() {
      return [...tasks.values()];
    },
    get uploads() {
      return files.uploads;
    },
    on: (match) => plans.on(match),
    inject: (name, options) => injections.inject(name, options),
    nextTask: () => new Promise((resolve) => awaiting.push(resolve)),
    async reset() {
      await injections.clear();
      plans.clear();
      tasks.clear();
      files.clear();
      answering.calls = [];
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
