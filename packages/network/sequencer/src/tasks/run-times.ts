import type { WorkflowDefinition } from '@heurist/core/definition';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { TtlCache } from '@heurist/server-kit/ttl-cache';
import { defaultLimits, type NetworkLimits } from '../access/limits/limits.ts';
import type { Sql } from '../database/database.ts';
import { recentDurations } from './table/task-statistics.ts';

/** How long durations are served from memory: they change slowly. */
const TTL_MS = 10_000;
/** The durations are those of the tasks that ended last: this many. */
const MAX_TASKS = 500;

/** How long the last tasks of a workflow took, in milliseconds. */
export interface Times {
  /** Mean from claim to end of those that finished; `null` if none has lately. */
  run: number | null;
  /** 95 of 100 of these took no longer. */
  usual: number | null;
  /** The longest of these. */
  longest: number | null;
  /** From submit to claim: half of them waited no longer than the median, 99 of 100 no longer than p99. */
  queued: { median: number; p99: number };
}

/** How long tasks wait and run, by workflow. */
export class RunTimes {
  readonly #cache: TtlCache<Map<string, Times>>;

  constructor(sql: Sql, { clock = systemClock, maxTasks = MAX_TASKS }: { clock?: Clock; maxTasks?: number } = {}) {
    this.#cache = new TtlCache(
      async () => byWorkflow(await recentDurations(sql, maxTasks)),
      TTL_MS,
      () => clock.now(),
    );
  }

  /** `undefined` if none has ended lately. */
  async of(workflow_id: string): Promise<Times | undefined> {
    return (await this.all()).get(workflow_id);
  }

  async all(): Promise<Map<string, Times>> {
    return await this.#cache.get();
  }
}

/** A run is unusual if it takes this many times as long as 95 of 100 runs did... */
const TIMES_USUAL = 10;
/** ...and this many times as long as the longest one. One slow run alone must not let a miner that never works keep a task. */
const TIMES_LONGEST = 2;

/**
 * Workflow -> from when on a run takes unusually long, in seconds.
 *
 * @param least - what is never unusual
 */
export function unusualSeconds(times: ReadonlyMap<string, Times>, least: number): Map<string, number> {
  return new Map(
    [...times].flatMap(([workflow_id, { usual, longest }]) =>
      usual === null || longest === null
        ? []
        : [[workflow_id, Math.max(least, (TIMES_USUAL * usual) / 1000, (TIMES_LONGEST * longest) / 1000)]],
    ),
  );
}

/** What a definition may say of how long its runs take. */
export type RunBounds = Pick<WorkflowDefinition, 'workflow_id' | 'max_run_seconds' | 'max_stalled_seconds'>;

/** Bounds of definitions, with those that the operator has set lower for the whole network. */
export function withNetworkLimits(
  workflows: readonly RunBounds[],
  { runSeconds, stalledSeconds }: Pick<NetworkLimits, 'runSeconds' | 'stalledSeconds'>,
): RunBounds[] {
  const bound = (own: number | undefined, limit: number, usual: number) =>
    own !== undefined && limit < usual ? Math.min(own, limit) : own;
  return workflows.map(({ workflow_id, max_run_seconds, max_stalled_seconds }) => {
    const run = bound(max_run_seconds, runSeconds, defaultLimits.runSeconds);
    const stalled = bound(max_stalled_seconds, stalledSeconds, defaultLimits.stalledSeconds);
    return {
      workflow_id,
      ...(run && { max_run_seconds: run }),
      ...(stalled && { max_stalled_seconds: stalled }),
    };
  });
}

function byWorkflow(rows: Awaited<ReturnType<typeof recentDurations>>): Map<string, Times> {
  return new Map(
    rows.map(({ workflow_id, median, p99, ...runs }) => [workflow_id, { ...runs, queued: { median, p99 } }]),
  );
}

/** What is known of a task that has not ended. */
export interface Outlook {
  /** Tasks before it; `undefined` once it runs. */
  position: number | undefined;
  /** Miners that run its workflow. */
  miners: number;
  /** Mean run time of its workflow. */
  meanMs: number | undefined;
  /** How long it has run. */
  elapsedMs: number;
  percent: number;
}

/** Below this, a task's own pace says little. */
const ENOUGH_PERCENT = 10;

/** Seconds until a task ends, or `undefined` if that cannot be estimated. */
export function etaSeconds({ position, miners, meanMs, elapsedMs, percent }: Outlook): number | undefined {
  if (position === undefined) {
    if (percent >= ENOUGH_PERCENT) return Math.round((elapsedMs * (100 - percent)) / percent / 1000);
    // it already runs longer than the mean: no estimate
    return meanMs !== undefined && meanMs > elapsedMs ? Math.round((meanMs - elapsedMs) / 1000) : undefined;
  }
  if (meanMs === undefined || miners === 0) return undefined;
  // all before it, and itself, in rounds of as many tasks as there are miners
  return Math.round((meanMs * (1 + Math.floor(position / miners)) + meanMs / 2) / 1000);
}
