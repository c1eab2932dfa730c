import { batch } from '@heurist/server-kit/batch';
import { type LeaseLimits, LeaseRoom } from '../access/leases/lease-room.ts';
import { defaultLimits } from '../access/limits/limits.ts';
import type { Sql } from '../database/database.ts';
import { lockNames, lockShared } from '../database/lock-names.ts';
import { catchUpLate, claimsLock } from './catch-up.ts';
import type { TaskContext } from './change-task.ts';
import type { Claim } from './dispatch.ts';
import { type AttemptStart, type ClaimedRecord, startAttempts } from './table/change-tasks.ts';
import { isLate } from './table/late-lines.ts';
import { findByClaimIds, findByMiners, type RunningTask } from './table/read-tasks.ts';
import { countRunning } from './table/task-statistics.ts';
import type { Newcomers } from './trust/newcomers.ts';
import { countRunningBy } from './trust/standing-table.ts';
import { shareClaims } from './turns.ts';
import { believableLoad, type Fleet, type KnownFleet } from './warm/fleet.ts';
import type { PassedLine } from './warm/fleet-table.ts';
import type { Assignment, HeldModel, WarmClaimant } from './warm/knowledge.ts';
import { ModelLines, type WaitingModelLine, type WorkflowModels } from './warm/model-lines.ts';
import { routeClaims } from './warm/routing.ts';
import { nameOf } from './warm/summarize-fleet.ts';
import { type RunnersOf, withTakers } from './warm/takers.ts';

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
  /** The models that it holds, most recent first. Default: it says nothing of models. */
  warm?: readonly HeldModel[] | undefined;
}

/** The outcome for a miner that runs as many tasks as it may. */
export const FULL = 'full';

/** The outcome for a miner that may not run another task of this workflow: it is put aside, or coming back. */
export const ASIDE = 'aside';

/** The outcome for a miner that leaves what waits to others: they hold the models, and are faster. */
export interface Left {
  /** When it should ask again, in milliseconds from now. */
  look_again_ms: number;
}

/** What a claim can end with. */
export type Outcome = ClaimedTask | typeof FULL | typeof ASIDE | Left | undefined;

interface ClaimOptions {
  /** Tasks that one miner key can run at the same time. */
  maxLeases?: number;
  /** Miner -> how many tasks of a workflow it may run at the same time. Without an entry: as many as it can. */
  limits?: (workflow_id: string) => Promise<Map<string, number>>;
  /** Miners that have yet to finish tasks. Default: all may run as many as they can. */
  newcomers?: Pick<Newcomers, 'limits' | 'surely'>;
  /** What is known of models. Default: nothing. */
  warmth?: { fleet: Fleet; models: WorkflowModels; runnersOf: RunnersOf };
}

/** Tasks that are to be handed out together: of one workflow, with the same models. */
interface Share {
  workflow_id: string;
  /** The places of the claimants. */
  places: number[];
  /** The only ones that count; default: whatever is next. */
  task_ids?: readonly string[] | undefined;
}

/** Who gets what, and who leaves it to others. */
interface Plan {
  shares: Share[];
  left: ReadonlyMap<number, Left>;
}

/** Rounds in which a claim looks for a task, if others are faster each time. After that the miner asks again. */
const MAX_ROUNDS = 10;

/** Miners that are served at once without a look whether there is work for as many: each of them costs a little. */
const MOST_UNSEEN = 16;

/** Hands tasks to miners. */
export class Claims {
  readonly #context: TaskContext;
  readonly #maxLeases: number;
  readonly #limits: NonNullable<ClaimOptions['limits']>;
  readonly #newcomers: ClaimOptions['newcomers'];
  readonly #fleet: Fleet | undefined;
  readonly #lines: ModelLines | undefined;
  readonly #runnersOf: RunnersOf;
  /** Workflow id -> when its last task was handed out here, by the database's clock. Each replica serves them in turn. */
  readonly #servedAt = new Map<string, number>();
  readonly #findByMiner = batch((miner_ids: readonly string[]) => findByMiners(this.#context.database, miner_ids));
  readonly #findByClaimId = batch((ids: readonly string[]) => findByClaimIds(this.#context.database, ids));

  constructor(
    context: TaskContext,
    { maxLeases = defaultLimits.leases, limits = async () => new Map(), newcomers, warmth }: ClaimOptions = {},
  ) {
    this.#context = context;
    this.#maxLeases = maxLeases;
    this.#limits = limits;
    this.#newcomers = newcomers;
    this.#fleet = warmth?.fleet;
    this.#lines = warmth && new ModelLines(context, warmth.models);
    this.#runnersOf = warmth?.runnersOf ?? (async () => []);
  }

  /** Hands out the next tasks of some workflows, in the order of the miners, as long as there are tasks. */
  async claim(workflow_ids: readonly string[], said: readonly Claimant[]): Promise<Outcome[]> {
    const claimants = await this.#believe(said);
    const claimed =
      (await this.#claimUnseen(workflow_ids, claimants)) ?? (await this.#claimInRounds(workflow_ids, claimants));
    for (const [place, found] of claimed.entries())
      if (isTask(found)) await this.#announce(found.task, claimants[place]!);
    return claimed;
  }

  /** Without a look at what waits: a few miners that offer one workflow have nothing to choose. */
  async #claimUnseen(workflow_ids: readonly string[], claimants: readonly Claimant[]): Promise<Outcome[] | undefined> {
    const [workflow_id = ''] = workflow_ids;
    if (workflow_ids.length !== 1 || claimants.length > MOST_UNSEEN || (await this.#knowsModels(claimants)))
      return undefined;
    const share = { workflow_id, places: [...claimants.keys()] };
    const found = await this.#claimShort(share, claimants, await this.#limits(workflow_id));
    const now = found?.findLast(isTask)?.task.claimed_at?.getTime();
    if (now !== undefined) this.#noteServed([{ workflow_id, now }]);
    return found;
  }

  async #claimInRounds(workflow_ids: readonly string[], claimants: readonly Claimant[]): Promise<Outcome[]> {
    const claimed = new Array<Outcome>(claimants.length).fill(undefined);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      // another replica may have been faster in the last round, or a task may have ended
      const places = [...claimed.keys()].filter((place) => !claimed[place]);
      const { shares, left } = await this.#plan(workflow_ids, places, claimants);
      for (const [place, each] of left) claimed[place] = each;
      for (const share of shares) {
        const miners = share.places.map((place) => claimants[place]!);
        // outside the transaction: the embedded database has one connection
        const limits = await this.#limits(share.workflow_id);
        const found =
          (await this.#claimShort(share, miners, limits)) ?? (await this.#claimInTurn(share, miners, limits));
        for (const [index, place] of share.places.entries()) claimed[place] = found[index];
      }
      if (!shares.length || claimed.every(Boolean)) break;
    }
    return claimed;
  }

  async #announce(task: ClaimedRecord, { miner_id, machine_id = '', warm }: Claimant): Promise<void> {
    const { task_id, workflow_id, created_at, claimed_at, history, model_key, was_warm } = task;
    const { bus, events } = this.#context;
    if (was_warm !== null)
      await this.#fleet?.noteClaim({ miner_id, machine_id, warm: warm ?? [], model_key, isWarm: was_warm });
    bus.publishTask(task_id);
    const since = new Date(history.at(-1)?.ended_at ?? created_at);
    if (claimed_at)
      events?.claimed(workflow_id, (claimed_at.getTime() - since.getTime()) / 1000, was_warm ?? undefined);
  }

  /** Which of these workflows have tasks that wait. */
  async findWork(workflow_ids: readonly string[]): Promise<Set<string>> {
    const waiting = await this.#context.dispatch.findWaiting(workflow_ids, 1);
    return new Set(waiting.map(({ workflow_id }) => workflow_id));
  }

  async #plan(
    workflow_ids: readonly string[],
    places: readonly number[],
    claimants: readonly Claimant[],
  ): Promise<Plan> {
    const knowsModels = await this.#knowsModels(places.map((place) => claimants[place]!));
    if (knowsModels) return await this.#route(workflow_ids, places, claimants);
    const rest = [...places];
    const counts = await this.#share(workflow_ids, places.length);
    const shares = [...counts].map(([workflow_id, count]) => ({ workflow_id, places: rest.splice(0, count) }));
    return { shares, left: new Map() };
  }

  /** What miners say of models that said before what was not so does not count. */
  async #believe(claimants: readonly Claimant[]): Promise<readonly Claimant[]> {
    if (!this.#fleet || !claimants.some(({ warm }) => warm)) return claimants;
    const { doubts } = await this.#fleet.summary();
    return claimants.map((each) => (doubts.get(each.miner_id)?.is_doubted ? { ...each, warm: undefined } : each));
  }

  /** Whether any of these, or any other miner, has said what it holds. */
  async #knowsModels(claimants: readonly Claimant[]): Promise<boolean> {
    if (!this.#fleet) return false;
    return claimants.some(({ warm }) => warm?.length) || (await this.#fleet.summary()).models.size > 0;
  }

  /** How many of the next tasks belong to each workflow. */
  async #share(workflow_ids: readonly string[], count: number): Promise<Map<string, number>> {
    const waiting = await this.#context.dispatch.findWaiting(workflow_ids, count);
    const shares = shareClaims(this.#inTurn(waiting), count);
    this.#noteServed(waiting.filter(({ workflow_id }) => shares.has(workflow_id)));
    return shares;
  }

  /** Lines with the time since when they have been next here: each replica serves workflows in turn. */
  #inTurn<Line extends { workflow_id: string; since: number }>(lines: readonly Line[]): Line[] {
    return lines.map((line) => ({ ...line, since: Math.max(line.since, this.#servedAt.get(line.workflow_id) ?? 0) }));
  }

  #noteServed(lines: readonly { workflow_id: string; now: number }[]): void {
    for (const { workflow_id, now } of lines) this.#servedAt.set(workflow_id, now);
  }

  /** Who takes from which line, where it is known who holds which models. */
  async #route(
    workflow_ids: readonly string[],
    places: readonly number[],
    claimants: readonly Claimant[],
  ): Promise<Plan> {
    const fleet = this.#fleet!;
    const known = await fleet.summary();
    const read = await this.#lines!.read(workflow_ids, places.length, known.passed);
    const lines = await withTakers(this.#inTurn(read), known, this.#runnersOf);
    const [first] = lines;
    if (!first) return { shares: [], left: new Map() };
    const routing = routeClaims({
      lines,
      claimants: places.map((place) => describeClaimant(claimants[place]!, known)),
      knowledge: known.models,
      now: first.now,
    });
    const byLine = Map.groupBy(routing.assignments, ({ line }) => line);
    const taken = lines.filter(({ id }) => byLine.has(id));
    this.#noteServed(taken);
    await fleet.recordPassed(findPassed(lines, routing.passed, byLine));
    const look_again_ms = Math.max(0, (routing.look_again_at ?? first.now) - first.now);
    return {
      shares: taken.map((line) => shareOf(line, byLine.get(line.id)!, places)),
      left: new Map(routing.leaving.map((index) => [places[index]!, { look_again_ms }])),
    };
  }

  /** In one trip, if all of these miners may run a task of the workflow and nobody was passed by. */
  async #claimShort(
    { workflow_id, task_ids }: Share,
    miners: readonly Claimant[],
    limits: Map<string, number>,
  ): Promise<Outcome[] | undefined> {
    if (!this.#context.oneTrip || miners.some(({ miner_id }) => limits.has(miner_id))) return undefined;
    const takers = miners.map((miner) => ({ ...startOf(miner), leases: this.#surelyFree(miner) }));
    return await this.#context.oneTrip.claim(workflow_id, takers, task_ids?.slice(0, miners.length));
  }

  /** What a miner may run whatever it has finished. */
  #surelyFree({ miner_id, leases }: Claimant): LeaseLimits {
    const most = this.#maxLeases;
    const { owner, ...others } = leases ?? { owner: most, key: most, machine: most };
    return { ...others, owner: Math.min(owner, this.#newcomers?.surely(miner_id) ?? owner) };
  }

  /** In the order of the miners. If owners were passed by, their turns are put right first. */
  async #claimInTurn(share: Share, miners: readonly Claimant[], limits: Map<string, number>): Promise<Outcome[]> {
    const { database, dispatch } = this.#context;
    const { workflow_id } = share;
    const claim = (mayBeLate: boolean) =>
      database.transaction(async (sql) => {
        await lockShared(sql, claimsLock(workflow_id));
        if (!mayBeLate && (await isLate(sql, workflow_id))) return undefined;
        return await this.#claimFrom(sql, share, miners, limits);
      });
    const found = await claim(false);
    if (found) return found;
    await catchUpLate(database, dispatch, workflow_id);
    // what could not be moved goes as it is
    return (await claim(true)) ?? [];
  }

  async #claimFrom(
    sql: Sql,
    share: Share,
    miners: readonly Claimant[],
    limits: Map<string, number>,
  ): Promise<Outcome[]> {
    const free = await this.#withFreeLeases(sql, miners);
    const aside = await findAside(sql, share.workflow_id, [...free], limits);
    const claimants = miners.filter((miner) => free.has(miner) && !aside.has(miner));
    const found = claimants.length ? await this.#fetch(sql, share, claimants) : [];
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

  async #fetch(sql: Sql, share: Share, claimants: readonly Claimant[]): Promise<(ClaimedTask | undefined)[]> {
    const { dispatch } = this.#context;
    const { workflow_id, task_ids } = share;
    const claims = task_ids
      ? await dispatch.fetchThese(sql, workflow_id, task_ids.slice(0, claimants.length))
      : await dispatch.fetch(sql, workflow_id, claimants.length);
    if (!claims.length) return [];
    const starts = claims.map(({ task_id, attempt }, index) => ({ task_id, attempt, ...startOf(claimants[index]!) }));
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
  return typeof outcome === 'object' && 'task' in outcome;
}

/** Whether a miner leaves what waits to others. */
export function isLeft(outcome: Outcome): outcome is Left {
  return typeof outcome === 'object' && 'look_again_ms' in outcome;
}

/** What is recorded of a miner with the attempt that it starts. */
function startOf({
  miner_id,
  claim_id,
  key_id,
  machine_id,
  warm,
}: Claimant): Omit<AttemptStart, 'task_id' | 'attempt'> {
  return { miner_id, claim_id, key_id, machine_id, held: warm?.map(({ key }) => key) };
}

/** A claimant as the rule sees it. */
function describeClaimant(
  { miner_id, machine_id = '', warm }: Claimant,
  { models, slots, busy }: Pick<KnownFleet, 'models' | 'slots' | 'busy'>,
): WarmClaimant {
  if (!warm) return {};
  const name = nameOf({ miner_id, machine_id });
  const held = warm.map(({ key, load_ms }) => ({ key, load_ms: believableLoad(load_ms, models.get(key)?.load_ms) }));
  return { warm: held, slots: slots.get(name), isAhead: busy.has(name) };
}

function shareOf(
  { workflow_id, task_ids }: WaitingModelLine,
  assignments: readonly Assignment[],
  places: readonly number[],
): Share {
  return { workflow_id, places: assignments.map(({ claimant }) => places[claimant]!), task_ids };
}

/** Lines whose first task is passed by for the first time. Of one that is taken from, another task is first now. */
function findPassed(
  lines: readonly WaitingModelLine[],
  passed: ReadonlyMap<string, number>,
  taken: ReadonlyMap<string, unknown>,
): PassedLine[] {
  return lines.flatMap(({ id, head_id, passed_since }) => {
    const since = passed.get(id);
    if (since === undefined || passed_since !== undefined || taken.has(id)) return [];
    return [{ line: id, head_id, since }];
  });
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
