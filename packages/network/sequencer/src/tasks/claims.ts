import { batch } from '@heurist/server-kit/batch';
import { type LeaseLimits, LeaseRoom } from '../access/leases/lease-room.ts';
import { defaultLimits } from '../access/limits/limits.ts';
import type { Sql } from '../database/database.ts';
import { lockNames, lockShared } from '../database/lock-names.ts';
import { catchUpLate, claimsLock } from './catch-up.ts';
import type { TaskContext } from './change-task.ts';
import type { Claim } from './dispatch.ts';
import { type ClaimedRecord, startAttempts } from './table/change-tasks.ts';
import { isLate } from './table/late-lines.ts';
import { findByClaimIds, findByMiners, type RunningTask } from './table/read-tasks.ts';
import { countRunning } from './table/task-statistics.ts';
import type { Newcomers } from './trust/newcomers.ts';
import { countRunningBy } from './trust/standing-table.ts';
import { shareClaims } from './turns.ts';

/** A task and the claim that a miner has on it. */
export interface ClaimedTask {
  task: ClaimedRecord;
  claim: Claim;
}

/** A miner that asks for a task. */
export interface Claimant {
  miner_id: string;
  /** The miner's id for this claim. */
  claim_id?: string | undefined;
  /** The key that it uses. */
  key_id?: string | undefined;
  /** Which of the machines that share a key it is. */
  machine_id?: string | undefined;
  /** How many tasks it may run. Default: as many as a miner may. */
  leases?: LeaseLimits | undefined;
}

/** The outcome for a miner that runs as many tasks as it may. */
export const FULL = 'full';

/** The outcome for a miner that may not run another task of this workflow: it is put aside, or coming back. */
export const ASIDE = 'aside';

/** What a claim can end with. */
export type Outcome = ClaimedTask | typeof FULL | typeof ASIDE | undefined;

interface ClaimOptions {
  /** Tasks that one miner key can run at the same time. */
  maxLeases?: number;
  /** Miner -> how many tasks of a workflow it may run at the same time. Without an entry: as many as it can. */
  limits?: (workflow_id: string) => Promise<Map<string, number>>;
  /** Miners that have yet to finish tasks. Default: all may run as many as they can. */
  newcomers?: Pick<Newcomers, 'limits'>;
}

/** Rounds in which a claim looks for a task, if others are faster each time. After that the miner asks again. */
const MAX_ROUNDS = 10;

/** Hands tasks to miners. */
export class Claims {
  readonly #context: TaskContext;
  readonly #maxLeases: number;
  readonly #limits: NonNullable<ClaimOptions['limits']>;
  readonly #newcomers: ClaimOptions['newcomers'];
  /** Workflow id -> when its last task was handed out here, by the database's clock. Each replica serves them in turn. */
  readonly #servedAt = new Map<string, number>();
  readonly #findByMiner = batch((miner_ids: readonly string[]) => findByMiners(this.#context.database, miner_ids));
  readonly #findByClaimId = batch((ids: readonly string[]) => findByClaimIds(this.#context.database, ids));

  constructor(
    context: TaskContext,
    { maxLeases = defaultLimits.leases, limits = async () => new Map(), newcomers }: ClaimOptions = {},
  ) {
    this.#context = context;
    this.#maxLeases = maxLeases;
    this.#limits = limits;
    this.#newcomers = newcomers;
  }

  /** Hands out the next tasks of some workflows, in the order of the miners, as long as there are tasks. */
  async claim(workflow_ids: readonly string[], claimants: readonly Claimant[]): Promise<Outcome[]> {
    const claimed = new Array<Outcome>(claimants.length).fill(undefined);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      // another replica may have been faster in the last round, or a task may have ended
      const places = [...claimed.keys()].filter((place) => !claimed[place]);
      const heads = await this.#share(workflow_ids, places.length);
      for (const [workflow_id, count] of heads) {
        const served = places.splice(0, count);
        const miners = served.map((place) => claimants[place]!);
        // outside the transaction: the embedded database has one connection
        const limits = await this.#limits(workflow_id);
        const found = await this.#claimInTurn(workflow_id, miners, limits);
        for (const [index, place] of served.entries()) claimed[place] = found[index];
      }
      if (!heads.size || claimed.every(Boolean)) break;
    }
    for (const found of claimed) if (isTask(found)) this.#announce(found.task);
    return claimed;
  }

  #announce({ task_id, workflow_id, created_at, claimed_at, history }: ClaimedRecord): void {
    const { bus, events } = this.#context;
    bus.publishTask(task_id);
    const since = new Date(history.at(-1)?.ended_at ?? created_at);
    if (claimed_at) events?.claimed(workflow_id, (claimed_at.getTime() - since.getTime()) / 1000);
  }

  /** Which of these workflows have tasks that wait. */
  async findWork(workflow_ids: readonly string[]): Promise<Set<string>> {
    const waiting = await this.#context.dispatch.findWaiting(workflow_ids, 1);
    return new Set(waiting.map(({ workflow_id }) => workflow_id));
  }

  /** How many of the next tasks belong to each workflow. */
  async #share(workflow_ids: readonly string[], count: number): Promise<Map<string, number>> {
    const waiting = await this.#context.dispatch.findWaiting(workflow_ids, count);
    const lines = waiting.map((line) => ({
      ...line,
      since: Math.max(line.since, this.#servedAt.get(line.workflow_id) ?? 0),
    }));
    const shares = shareClaims(lines, count);
    for (const { workflow_id, now } of waiting) if (shares.has(workflow_id)) this.#servedAt.set(workflow_id, now);
    return shares;
  }

  /** In the order of the miners. If owners were passed by, their turns are put right first. */
  async #claimInTurn(
    workflow_id: string,
    miners: readonly Claimant[],
    limits: Map<string, number>,
  ): Promise<Outcome[]> {
    const { database, dispatch } = this.#context;
    const claim = (mayBeLate: boolean) =>
      database.transaction(async (sql) => {
        await lockShared(sql, claimsLock(workflow_id));
        if (!mayBeLate && (await isLate(sql, workflow_id))) return undefined;
        return await this.#claimFrom(sql, workflow_id, miners, limits);
      });
    const found = await claim(false);
    if (found) return found;
    await catchUpLate(database, dispatch, workflow_id);
    // what could not be moved goes as it is
    return (await claim(true)) ?? [];
  }

  async #claimFrom(
    sql: Sql,
    workflow_id: string,
    miners: readonly Claimant[],
    limits: Map<string, number>,
  ): Promise<Outcome[]> {
    const free = await this.#withFreeLeases(sql, miners);
    const aside = await findAside(sql, workflow_id, [...free], limits);
    const claimants = miners.filter((miner) => free.has(miner) && !aside.has(miner));
    const found = claimants.length ? await this.#fetch(sql, workflow_id, claimants) : [];
    const byMiner = new Map(claimants.map((miner, index) => [miner, found[index]]));
    return miners.map((miner) => (free.has(miner) ? (aside.has(miner) ? ASIDE : byMiner.get(miner)) : FULL));
  }

  /** Those that may run another task. Until the transaction ends, no other one counts for the same miners. */
  async #withFreeLeases(sql: Sql, miners: readonly Claimant[]): Promise<Set<Claimant>> {
    const miner_ids = [...new Set(miners.map(({ miner_id }) => miner_id))];
    await lockNames(
      sql,
      miner_ids.map((miner_id) => `miner ${miner_id}`),
    );
    const room = new LeaseRoom(await countRunning(sql, miner_ids));
    const most = this.#maxLeases;
    const first = await this.#newcomers?.limits(sql, miner_ids);
    return new Set(
      miners.filter(({ leases = { owner: most, key: most, machine: most }, ...miner }) => {
        const owner = Math.min(leases.owner, first?.get(miner.miner_id) ?? leases.owner);
        return room.take(miner, { ...leases, owner });
      }),
    );
  }

  async #fetch(sql: Sql, workflow_id: string, claimants: readonly Claimant[]): Promise<(ClaimedTask | undefined)[]> {
    const { dispatch } = this.#context;
    const claims = await dispatch.fetch(sql, workflow_id, claimants.length);
    if (!claims.length) return [];
    const starts = claims.map(({ task_id, attempt }, index) => {
      const { miner_id, claim_id, key_id, machine_id } = claimants[index]!;
      return { task_id, attempt, miner_id, claim_id, key_id, machine_id };
    });
    const started = new Map((await startAttempts(sql, starts)).map((task) => [task.task_id, task]));
    // a task that ended without its job must not be claimed again
    const ended = claims.filter(({ task_id }) => !started.has(task_id));
    for (const { task_id } of ended) await dispatch.remove(sql, task_id, workflow_id);
    return claims.map((claim) => {
      const task = started.get(claim.task_id);
      return task && { task, claim };
    });
  }

  /** A task that a miner runs now. */
  async findRunning(miner_id: string): Promise<RunningTask | undefined> {
    return await this.#findByMiner(miner_id);
  }

  /** The task of an earlier claim whose response was lost. */
  async findClaim({ miner_id, claim_id }: Claimant): Promise<ClaimedTask | undefined> {
    if (claim_id === undefined) return undefined;
    const task = await this.#findByClaimId(claim_id);
    if (task?.miner_id !== miner_id) return undefined;
    const { task_id, workflow_id, attempt } = task;
    return { task, claim: { task_id, workflow_id, attempt } };
  }
}

/** Whether a claim ended with a task. */
export function isTask(outcome: Outcome): outcome is ClaimedTask {
  return outcome !== undefined && outcome !== FULL && outcome !== ASIDE;
}

/** Those that may not run another task of this workflow. Their other claims wait for the lock of their leases. */
async function findAside(
  sql: Sql,
  workflow_id: string,
  miners: readonly Claimant[],
  limits: Map<string, number>,
): Promise<Set<Claimant>> {
  const aside = new Set<Claimant>();
  for (const [miner_id, own] of Map.groupBy(miners, (miner) => miner.miner_id)) {
    const most = limits.get(miner_id);
    if (most === undefined) continue;
    const running = (await countRunningBy(sql, miner_id, [workflow_id])).get(workflow_id) ?? 0;
    for (const miner of own.slice(Math.max(0, most - running))) aside.add(miner);
  }
  return aside;
}
