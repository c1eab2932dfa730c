import { createHash } from 'node:crypto';
import { batch } from '@heurist/server-kit/batch';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { TtlCache } from '@heurist/server-kit/ttl-cache';
import type { Sql } from '../../database/database.ts';
import type { EndedTask } from '../table/change-tasks.ts';
import {
  deleteTakenPassed,
  modelTimes,
  runningModels,
  type WorkflowLoads,
  workflowLoads,
} from '../table/model-statistics.ts';
import {
  addWarmDoubts,
  deleteOldWarmDoubts,
  doubtChanges,
  readWarmDoubts,
  type WarmDoubt,
} from '../trust/warm-doubts.ts';
import {
  deleteOldHolders,
  type Holder,
  type Machine,
  type PassedLine,
  readHolders,
  readPassed,
  writeHolders,
  writePassed,
} from './fleet-table.ts';
import { clampLoad, type HeldModel } from './knowledge.ts';
import { type FleetSummary, type ModelTimes, nameOf, summarizeFleet } from './summarize-fleet.ts';

/** How long what the fleet holds is served from memory. */
const TTL_MS = 1000;
/** The part of the time in which it is read, at most: strangers decide how much there is to read. */
const READ_SHARE = 0.1;
/** How long the times of runs are. */
const TIMES_TTL_MS = 10_000;
/** The times are those of the tasks that ended last: this many. */
const MAX_TASKS = 1000;
/** A machine that holds the same as before is not written more often. */
const WRITE_INTERVAL_MS = 60_000;
/** Machines that are remembered to be written: a miner may invent any number of them. */
const MOST_WRITTEN = 20_000;
/** A machine says what it holds with each claim; between two of them is a run. */
const FORGOTTEN_SECONDS = 3600;
/** A miner that waits, or runs something, is heard of more often than this. */
const OFFLINE_SECONDS = 90;

/** What is read of the fleet at once. */
export interface KnownFleet extends FleetSummary {
  /** By line. */
  passed: Map<string, PassedLine>;
  /** By miner. */
  doubts: Map<string, WarmDoubt>;
  /** By workflow and model: whether any miner that holds the model takes tasks of the workflow, as far as somebody has asked. */
  takers: Map<string, boolean>;
}

/** What one claim tells of the fleet. */
export interface ClaimedModel extends Machine {
  model_key: string;
  /** What the machine held before. */
  warm: readonly HeldModel[];
  isWarm: boolean;
}

/** Which machine holds which models, over all replicas, as far as miners say: shared through the database. */
export class Fleet {
  readonly #sql: Sql;
  readonly #clock: Clock;
  /** By machine: what this process wrote last. */
  readonly #written = new Map<string, { digest: string; at: number }>();
  readonly #write = batch(async (holders: readonly (Holder & { most: number })[]) => {
    // two claims of one machine cannot be in one statement
    const last = new Map(holders.map((holder) => [nameOf(holder), holder]));
    await writeHolders(this.#sql, [...last.values()]);
    return holders;
  });
  readonly #times: TtlCache<ModelTimes[]>;
  readonly #loads: TtlCache<WorkflowLoads[]>;
  readonly #cache: TtlCache<KnownFleet>;

  /** @param maxTasks - how many of the tasks that ended last tell how long runs and loads take */
  constructor(sql: Sql, clock: Clock = systemClock, maxTasks: number = MAX_TASKS) {
    this.#sql = sql;
    this.#clock = clock;
    const now = () => clock.now();
    this.#times = new TtlCache(() => modelTimes(sql, maxTasks), TIMES_TTL_MS, now);
    this.#loads = new TtlCache(() => workflowLoads(sql, maxTasks), TIMES_TTL_MS, now);
    this.#cache = new TtlCache(() => this.#read(), TTL_MS, now, READ_SHARE);
  }

  /**
   * Records what a machine holds.
   *
   * @param most - machines of its miner that are known at the same time
   */
  async record(machine: Machine, warm: readonly HeldModel[], most: number): Promise<void> {
    const [name, digest, at] = [nameOf(machine), digestOf(warm), this.#clock.now()];
    const last = this.#written.get(name);
    if (last?.digest === digest && at - last.at < WRITE_INTERVAL_MS) return;
    this.#written.set(name, { digest, at });
    if (this.#written.size > MOST_WRITTEN) this.#written.delete(this.#written.keys().next().value!);
    await this.#write({ ...machine, held: [...warm], slots: warm.length, most });
  }

  async summary(): Promise<KnownFleet> {
    return await this.#cache.get();
  }

  /** How the last tasks of each workflow found their models. */
  async loads(): Promise<readonly WorkflowLoads[]> {
    return await this.#loads.get();
  }

  /** Compares what miners said to hold with what their runs took. */
  async recordFinish(tasks: readonly EndedTask[]): Promise<void> {
    if (!tasks.some(({ was_warm }) => was_warm)) return;
    const { models, times, doubts } = await this.#cache.get();
    const usual = (key: string) => ({
      load_ms: models.get(key)?.load_ms,
      slow_ms: times.get(key)?.slow_ms ?? undefined,
    });
    const changes = doubtChanges(tasks, usual, doubts);
    if (changes.size) await addWarmDoubts(this.#sql, changes);
  }

  /** Remembers lines that are passed by, those that are not known yet. */
  async recordPassed(lines: readonly PassedLine[]): Promise<void> {
    if (!lines.length) return;
    const { passed } = await this.#cache.get();
    for (const line of lines) passed.set(line.line, line);
    await writePassed(this.#sql, lines);
  }

  /** A task was claimed: until the fleet is read again, that is known here alone. */
  async noteClaim({ model_key, warm, isWarm, ...machine }: ClaimedModel): Promise<void> {
    const { models, busy, held, takers } = await this.#cache.get();
    busy.add(nameOf(machine));
    const { run_ms = 0, load_ms = 0 } = models.get(model_key) ?? {};
    const work = run_ms + (isWarm ? 0 : load_ms);
    const change = (key: string, holders: number) => {
      const known = models.get(key) ?? { holders: 0, busy_ms: 0 };
      models.set(key, { ...known, holders: known.holders + holders, busy_ms: known.busy_ms + work });
    };
    for (const { key } of warm) change(key, 0);
    if (isWarm || !model_key) return;
    change(model_key, 1);
    held.set(machine.miner_id, (held.get(machine.miner_id) ?? new Set()).add(model_key));
    takers.clear();
  }

  async #read(): Promise<KnownFleet> {
    const [holders, times, doubts] = await Promise.all([
      readHolders(this.#sql, FORGOTTEN_SECONDS, OFFLINE_SECONDS),
      this.#times.get(),
      readWarmDoubts(this.#sql),
    ]);
    const known = {
      passed: new Map(),
      takers: new Map(),
      doubts: new Map(doubts.map((doubt) => [doubt.miner_id, doubt])),
    };
    // a network whose miners say nothing of models costs no more than that
    if (!holders.length) return { ...summarizeFleet([], [], times), ...known };
    const [running, passed] = await Promise.all([runningModels(this.#sql), readPassed(this.#sql)]);
    const lines = new Map(passed.map((line) => [line.line, line]));
    return { ...summarizeFleet(holders, running, times), ...known, passed: lines };
  }

  /** Deletes what nobody needs any more. */
  async sweep(): Promise<void> {
    await deleteOldHolders(this.#sql, FORGOTTEN_SECONDS);
    await deleteTakenPassed(this.#sql);
    await deleteOldWarmDoubts(this.#sql);
    const since = this.#clock.now() - FORGOTTEN_SECONDS * 1000;
    for (const [name, { at }] of this.#written) if (at < since) this.#written.delete(name);
  }
}

const digestOf = (warm: readonly HeldModel[]) => createHash('sha1').update(JSON.stringify(warm)).digest('base64');

/** A miner may be slower than others; one that says much more wants to be served first. */
const MOST_TIMES_USUAL = 3;

/** What a miner says that a load costs, as far as the network can believe it. */
export function believableLoad(said: number | undefined, usual: number | undefined): number | undefined {
  return said === undefined || usual === undefined ? said : Math.min(said, usual * MOST_TIMES_USUAL);
}

/** What a miner says that it holds, as far as it counts: each model once, and not more than the limit. */
export function boundHeld(warm: readonly HeldModel[], most: number): HeldModel[] {
  const first = new Map<string, HeldModel>();
  for (const { key, load_ms } of warm) {
    const load = clampLoad(load_ms);
    // of a name of control characters alone, nothing is left
    if (key && !first.has(key) && first.size < most)
      first.set(key, { key, ...(load !== undefined && { load_ms: load }) });
  }
  return [...first.values()];
}
