import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { type Logger, silentLogger } from '@heurist/server-kit/logger';
import { TtlCache } from '@heurist/server-kit/ttl-cache';
import type { Database } from '../../database/database.ts';
import type { LiveMiners } from '../live-miners.ts';
import type { TaskRecord } from '../table/task-record.ts';
import { judge, peersDoubt, shareWork, type Verdict } from './standing.ts';
import {
  deleteOldStandings,
  lockStandings,
  readStandings,
  type StandingRow,
  writeStandings,
} from './standing-table.ts';

/** How long a replica serves the standings from memory. */
const TTL_MS = 500;
/** The last codes that are kept. */
const MAX_CODES = 5;

/** What happened with a task of a miner. */
interface Case {
  miner_id: string;
  workflow_id: string;
  verdict: Verdict;
  /** Of a failure. */
  code?: string;
}

/** A task whose attempts are judged: those of the past, and the current one. */
export type JudgedTask = Pick<TaskRecord, 'workflow_id' | 'miner_id' | 'history'>;

/** An attempt that has just failed. */
export interface FailedAttempt {
  /** With that attempt at the end of its history. */
  task: JudgedTask;
  /** The task or the network is at fault, as the sequencer has found out itself. */
  isExcused: boolean;
}

/** What a miner, and whoever looks at the network, learns of its standing in one workflow. */
export interface PutAside {
  workflow_id: string;
  /** Until when it gets no tasks, ISO 8601; missing if it comes back, with a few tasks at a time. */
  until?: string;
  /** How many tasks failed there lately. */
  failures: number;
  /** The codes of the last ones. */
  codes: string[];
}

interface StandingOptions {
  /** The time of the database. */
  clock?: Clock;
  logger?: Logger;
}

/**
 * How far each miner is trusted with each workflow. It is in the database, so all replicas agree. Miners that do well have
 * no row, and cost nothing.
 */
export class Standings {
  readonly #database: Database;
  readonly #miners: Pick<LiveMiners, 'list'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #cache: TtlCache<StandingRow[]>;

  constructor(
    database: Database,
    miners: Pick<LiveMiners, 'list'>,
    { clock = systemClock, logger = silentLogger }: StandingOptions = {},
  ) {
    this.#database = database;
    this.#miners = miners;
    this.#clock = clock;
    this.#logger = logger;
    this.#cache = new TtlCache(
      () => readStandings(database),
      TTL_MS,
      () => clock.now(),
    );
  }

  /** Those that are not blank. */
  async list(): Promise<StandingRow[]> {
    return await this.#cache.get();
  }

  /** How many tasks of a workflow each miner may run now, if that is limited. */
  async limits(workflow_id: string): Promise<Map<string, number>> {
    const rows = (await this.list()).filter((row) => row.workflow_id === workflow_id);
    if (!rows.length) return new Map();
    const live = new Set(await this.#peers(workflow_id));
    const byMiner = new Map(rows.map((row) => [row.miner_id, row]));
    const candidates = [...live].map((miner_id) => ({ miner_id, standing: byMiner.get(miner_id) }));
    // one that is not listed yet
    for (const row of rows) if (!live.has(row.miner_id)) candidates.push({ miner_id: row.miner_id, standing: row });
    const shares = shareWork(candidates, this.#clock.now());
    return new Map([...shares].filter(([, share]) => share < Number.POSITIVE_INFINITY));
  }

  /** Miner -> the workflows that it is put aside for, or comes back to. */
  async describe(): Promise<Map<string, PutAside[]>> {
    const described = new Map<string, PutAside[]>();
    const now = this.#clock.now();
    const limits = new Map<string, Map<string, number>>();
    for (const { miner_id, workflow_id, pausedUntil, failures, codes } of await this.list()) {
      const here = limits.get(workflow_id) ?? (await this.limits(workflow_id));
      limits.set(workflow_id, here);
      if (!here.has(miner_id)) continue;
      const until = pausedUntil > now ? { until: new Date(pausedUntil).toISOString() } : {};
      described.set(miner_id, [...(described.get(miner_id) ?? []), { workflow_id, ...until, failures, codes }]);
    }
    return described;
  }

  async #peers(workflow_id: string): Promise<string[]> {
    const live = await this.#miners.list();
    return live.filter(({ workflow_ids }) => workflow_ids.includes(workflow_id)).map(({ miner_id }) => miner_id);
  }

  /** Judges the attempts that tasks have just failed, in their order. */
  async recordFailures(failures: readonly FailedAttempt[]): Promise<void> {
    await this.#judge(failures.flatMap(casesOf));
  }

  /** Judges the attempts of tasks that were finished: those that failed before were at other miners, or at this one. */
  async recordFinish(tasks: readonly JudgedTask[]): Promise<void> {
    const known = await this.list();
    const isKnown = ({ workflow_id, miner_id }: JudgedTask) =>
      known.some((row) => row.workflow_id === workflow_id && row.miner_id === miner_id);
    await this.#judge(
      tasks.flatMap((task) => [
        ...unexcused(task).map((miner_id): Case => ({ ...task, miner_id, verdict: 'disproved' })),
        ...(isKnown(task) ? [{ ...task, miner_id: task.miner_id ?? '', verdict: 'finished' } as const] : []),
      ]),
    );
  }

  /** Nobody will know whether those were right that a canceled task had failed at. */
  async recordCancel(task: JudgedTask): Promise<void> {
    const { workflow_id } = task;
    await this.#judge(unexcused(task).map((miner_id) => ({ miner_id, workflow_id, verdict: 'excused' })));
  }

  async #judge(cases: readonly Case[]): Promise<void> {
    for (const [workflow_id, group] of Map.groupBy(cases, (each) => each.workflow_id)) {
      // outside the transaction: the embedded database has one connection
      const peers = await this.#peers(workflow_id);
      const paused = await this.#database.transaction(async (sql) => {
        const { rows, now } = await lockStandings(sql, workflow_id);
        const { changed, paused } = judgeAll(group, rows, peers, now);
        if (changed.length) await writeStandings(sql, changed);
        return paused;
      });
      for (const { miner_id, pausedUntil, pauses, codes } of paused)
        this.#logger.warn('miner put aside', {
          miner_id,
          workflow_id,
          until: new Date(pausedUntil).toISOString(),
          pauses,
          codes: codes.join(', '),
        });
    }
    if (cases.length) this.#cache.clear();
  }

  /** Deletes what is forgotten. */
  async sweep(): Promise<void> {
    await deleteOldStandings(this.#database);
  }
}

/** What a miner is told that gets no task of a workflow. */
export function explainPutAside({ workflow_id, until, failures, codes }: PutAside): string {
  const why = `${failures} tasks failed here lately (last: ${codes.join(', ')})`;
  return until
    ? `You get no tasks of workflow ${workflow_id} until ${until}: ${why}, and other miners finished them. Stay connected, and check your ComfyUI.`
    : `You get few tasks of workflow ${workflow_id} at a time until some are finished: ${why}.`;
}

/** What an attempt that has failed says about its miner, and about one that failed the same way before. */
function casesOf({ task: { workflow_id, history }, isExcused }: FailedAttempt): Case[] {
  const last = history.at(-1);
  if (!last) return [];
  const { miner_id, code } = last;
  const earlier = history.slice(0, -1).filter((past) => past.code === code && past.miner_id !== miner_id);
  // the first that agrees excuses the one before; with a third, both were excused already
  const excused = earlier.length === 1 ? [earlier[0]!.miner_id] : [];
  const cases = excused.map((other): Case => ({ miner_id: other, workflow_id, verdict: 'excused' }));
  if (!earlier.length && !isExcused) cases.push({ miner_id, workflow_id, verdict: 'failed', code });
  return cases;
}

/** Other miners that a task failed at, each once, whom nobody has agreed with. */
function unexcused({ miner_id, history }: JudgedTask): string[] {
  const hasAgreed = (past: JudgedTask['history'][number]) =>
    history.some((other) => other.code === past.code && other.miner_id !== past.miner_id);
  const failed = history.filter((past) => past.miner_id !== miner_id && !hasAgreed(past));
  return [...new Set(failed.map((past) => past.miner_id))];
}

/** The standings that the cases change, and those that are put aside by them. */
function judgeAll(
  cases: readonly Case[],
  rows: readonly StandingRow[],
  peers: readonly string[],
  now: number,
): { changed: StandingRow[]; paused: StandingRow[] } {
  const standings = new Map(rows.map((row) => [row.miner_id, row]));
  const changed = new Set<string>();
  const paused = new Set<string>();
  for (const { miner_id, workflow_id, verdict, code } of cases) {
    const before = standings.get(miner_id);
    // there is nothing to excuse, or to work off
    if (!before && verdict !== 'failed') continue;
    const others = peers.filter((peer) => peer !== miner_id).map((peer) => standings.get(peer));
    const after = judge(before, verdict, peersDoubt(others, now), now);
    const { failures = 0, codes = [] } = before ?? {};
    const history = code === undefined ? { failures, codes } : { failures: failures + 1, codes: [...codes, code] };
    standings.set(miner_id, { ...after, miner_id, workflow_id, ...history, codes: history.codes.slice(-MAX_CODES) });
    changed.add(miner_id);
    if (after.pausedUntil > (before?.pausedUntil ?? 0)) paused.add(miner_id);
  }
  const pick = (miner_ids: Set<string>) => [...miner_ids].map((miner_id) => standings.get(miner_id)!);
  return { changed: pick(changed), paused: pick(paused) };
}
