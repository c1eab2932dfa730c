import type { Clock } from '@heurist/server-kit/clock';
import { HeuristError } from '../../wire/errors.ts';
import { isTaskResult, type WorkflowTaskResult } from '../../wire/task-result.ts';
import type { CallOptions } from '../../wire/transport.ts';
import { untilAborted } from '../../wire/until-aborted.ts';
import type { Abilities } from './abilities.ts';
import { createLane } from './lane.ts';
import { copyOf, isBusy, isMissing, isTooMuch, readRefusal } from './refusal.ts';

/** The calls behind the queries of a client. */
export interface QueryCalls {
  many(task_ids: readonly string[], options: CallOptions): Promise<{ results: readonly unknown[] }>;
  one(task_id: string, options: CallOptions): Promise<WorkflowTaskResult>;
}

/** Asks for the state of one task, together with others that are asked for at about the same moment. */
export type Query = (task_id: string, options: CallOptions) => Promise<WorkflowTaskResult>;

/** Tasks in one call. Sequencers of ours take 500. */
const MOST_TASKS = 250;
/** How long queries gather, in milliseconds. */
const GATHER_MS = 2;
/** The least time between two calls, in milliseconds: tasks that end in quick succession come along. */
const GAP_MS = 20;
/** While a call takes no longer than this, the next queries gather. In milliseconds. */
const LONG_MS = 1000;
const TIMEOUT_MS = 15_000;
/** The same for a call that the sequencer may not know, in front of one that it knows. */
const FIRST_TIMEOUT_MS = 3000;
/** How often `tasks_query` may fail, while the query of one task works, before it counts as missing. */
const MOST_DOUBTS = 2;
/** Queries of single tasks at the same time, for what the answer to a batch has left out. */
const MOST_SINGLE = 4;

/** An abort without a reason makes an error with its stack. */
const NOT_WANTED = 'not wanted any more';

interface Asked {
  task_id: string;
  promise: Promise<WorkflowTaskResult>;
  resolve(state: WorkflowTaskResult): void;
  reject(error: unknown): void;
  /** Waits that want the answer. */
  waiting: number;
  batch: Batch | undefined;
}

/** One call, which ends early if nobody wants its answers any more. */
interface Batch {
  wanted: number;
  end: AbortController;
}

/** Batches the queries of one key. Each wait that gives up leaves the others alone. */
export function createQueries(calls: QueryCalls, abilities: Abilities, clock: Clock): Query {
  let gathering = new Map<string, Asked>();
  let isScheduled = false;
  let failures = 0;
  let calledAt = Number.NEGATIVE_INFINITY;
  /** Tasks in one call: fewer after a sequencer has said that it takes fewer. */
  let most = MOST_TASKS;
  /** A call that the sequencer has told to come later: the others wait for it. */
  let postponed: Promise<unknown> | undefined;
  const turn = createLane({ most: 1, longMs: LONG_MS, clock });
  const aside = createLane({ most: MOST_SINGLE, longMs: LONG_MS, clock });

  async function schedule(): Promise<void> {
    if (isScheduled) return;
    isScheduled = true;
    await clock.sleep(Math.max(GATHER_MS, calledAt + GAP_MS - clock.now()));
    await turn(async () => {
      while (postponed) await postponed;
      isScheduled = false;
      calledAt = clock.now();
      const all = [...gathering.values()];
      gathering = new Map(all.slice(most).map((asked) => [asked.task_id, asked]));
      if (gathering.size) void schedule();
      await ask(all.slice(0, most));
    });
  }

  async function ask(tasks: readonly Asked[]): Promise<void> {
    if (!tasks.length) return;
    const batch: Batch = { wanted: tasks.length, end: new AbortController() };
    for (const asked of tasks) asked.batch = batch;
    const { signal } = batch.end;
    if (abilities.queries === 'one') return await askEach(tasks, signal);
    const { promise, resolve } = Promise.withResolvers<void>();
    const watch = (failure?: HeuristError) => {
      if (failure && isBusy(failure)) postponed ??= promise;
    };
    const timeout = abilities.queries === 'many' ? TIMEOUT_MS : FIRST_TIMEOUT_MS;
    try {
      const options = { signal, timeout, retries: 1, watch };
      const { results } = await calls.many(
        tasks.map(({ task_id }) => task_id),
        options,
      );
      abilities.queries = 'many';
      failures = 0;
      await takeIn(results, tasks, signal);
    } catch (error) {
      await recover(error, tasks, signal);
    } finally {
      resolve();
      if (postponed === promise) postponed = undefined;
    }
  }

  /** Results may come in any order. What is missing among them, or cannot be read, is asked for alone. */
  async function takeIn(results: readonly unknown[], tasks: readonly Asked[], signal: AbortSignal): Promise<void> {
    const open = new Map(tasks.map((asked) => [asked.task_id, asked]));
    for (const result of results) {
      const { task_id } = (result ?? {}) as { task_id?: unknown };
      const asked = open.get(task_id as string);
      if (!asked) continue;
      const refusal = readRefusal(result);
      // the rule of the schema, which would copy thousands of states
      if (isTaskResult(result)) asked.resolve(result);
      // what did not fit the answer is asked for again
      else if (refusal && refusal.code !== 'payload_too_large') asked.reject(refusal);
      else continue;
      open.delete(asked.task_id);
    }
    await askEach([...open.values()], signal);
  }

  /** A batch that failed says little about its tasks, if the query of one task works. */
  async function recover(error: unknown, tasks: readonly Asked[], signal: AbortSignal): Promise<void> {
    if (HeuristError.isInstance(error) && isMissing(error)) {
      abilities.queries = 'one';
      return await askEach(tasks, signal);
    }
    if (HeuristError.isInstance(error) && isTooMuch(error) && tasks.length > 1) {
      most = Math.floor(tasks.length / 2);
      return gatherAgain(tasks);
    }
    failures++;
    const isFinal = !HeuristError.isInstance(error) || signal.aborted || isBusy(error);
    if (isFinal || (abilities.queries === 'many' && failures < MOST_DOUBTS)) return rejectAll(tasks, error);
    const [first, ...others] = tasks as [Asked, ...Asked[]];
    const failure = await askOne(first, signal);
    if (failure && failure.code !== 'not_found') return rejectAll(others, failure);
    if (!failure && abilities.queries === 'unknown' && failures >= MOST_DOUBTS) abilities.queries = 'one';
    await askEach(others, signal);
  }

  async function askEach(tasks: readonly Asked[], signal: AbortSignal): Promise<void> {
    await Promise.all(tasks.map((asked) => aside(() => askOne(asked, signal))));
  }

  /** Resolves with the failure, if there is one. */
  async function askOne(asked: Asked, signal: AbortSignal): Promise<HeuristError | undefined> {
    try {
      asked.resolve(await calls.one(asked.task_id, { signal, timeout: TIMEOUT_MS, retries: 0 }));
      return undefined;
    } catch (error) {
      asked.reject(error);
      return error as HeuristError;
    }
  }

  function gatherAgain(tasks: readonly Asked[]): void {
    for (const asked of tasks) {
      const { task_id, resolve, reject } = asked;
      const newer = gathering.get(task_id);
      if (newer) newer.promise.then(resolve, reject);
      else gathering.set(task_id, Object.assign(asked, { batch: undefined }));
    }
    void schedule();
  }

  function gather(task_id: string): Asked {
    const known = gathering.get(task_id);
    if (known) return known;
    const asked: Asked = { task_id, ...Promise.withResolvers<WorkflowTaskResult>(), waiting: 0, batch: undefined };
    // whoever waits hears of it; nobody may
    asked.promise.catch(() => {});
    gathering.set(task_id, asked);
    return asked;
  }

  return async (task_id, options) => {
    if (abilities.queries === 'one') return await calls.one(task_id, { timeout: TIMEOUT_MS, ...options });
    const { signal } = options;
    signal?.throwIfAborted();
    const asked = gather(task_id);
    asked.waiting++;
    void schedule();
    try {
      return await untilAborted(asked.promise, signal);
    } finally {
      asked.waiting--;
      if (!asked.waiting && asked.batch && --asked.batch.wanted === 0) asked.batch.end.abort(NOT_WANTED);
      else if (!asked.waiting && gathering.get(task_id) === asked) gathering.delete(task_id);
    }
  };
}

/** Each wait gets an error of its own, which names its task and may be changed. */
function rejectAll(tasks: readonly Asked[], error: unknown): void {
  for (const { task_id, reject } of tasks) reject(copyOf(error, task_id));
}
