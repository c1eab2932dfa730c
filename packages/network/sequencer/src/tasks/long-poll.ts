import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { Bus } from '../bus/bus.ts';
import { type Claimant, isLeft, type Outcome } from './claims.ts';

/** Hands out tasks, in the order of the miners: `Claims.claim`. */
type ClaimTasks = (workflow_ids: readonly string[], claimants: readonly Claimant[]) => Promise<Outcome[]>;

/** Which of some workflows have tasks that wait: `Claims.findWork`. */
type FindWork = (workflow_ids: readonly string[]) => Promise<Set<string>>;

/** Miners served in one batch at most. */
const MAX_BATCH = 100;

/** A miner whose request is held until there is work. */
interface Waiter {
  workflow_ids: readonly string[];
  claimant: Claimant;
  /** The same for all miners that can run the same workflows. */
  kind: string;
  /** It has been part of at least one round. */
  wasServed: boolean;
  /** It has left what waits to others, who may be at another replica. */
  hasLeft: boolean;
  /** Its time is over. */
  isLeaving: boolean;
  end(found: Outcome): void;
  fail(error: unknown): void;
}

/**
 * The long poll of miners that wait for tasks. When work arrives, all miners that can run the same workflows are served
 * together, and only as many as there are tasks: a thousand idle miners cost no more than one.
 */
export class LongPoll {
  readonly #claim: ClaimTasks;
  readonly #bus: Bus;
  readonly #maxBatch: number;
  readonly #findWork: FindWork | undefined;
  readonly #waiting = new Set<Waiter>();
  #served: readonly Waiter[] = [];
  #isServing = false;
  #hasWork = false;
  /** Workflows whose work was announced in this process since the last round. */
  #announced = new Set<string>();
  readonly #clock: Clock;
  /** Ends the wait for the next look of miners that have left work to others. */
  #pause: AbortController | undefined;
  /** In how many milliseconds that look is due. */
  #lookAgainMs = Number.POSITIVE_INFINITY;

  /** @param findWork - one look for miners of many kinds. Default: each kind claims for itself */
  constructor(
    claim: ClaimTasks,
    bus: Bus,
    maxBatch: number = MAX_BATCH,
    findWork?: FindWork,
    clock: Clock = systemClock,
  ) {
    this.#clock = clock;
    this.#findWork = findWork;
    this.#claim = claim;
    this.#bus = bus;
    this.#maxBatch = maxBatch;
    bus.onWork((workflow_id) => {
      if (workflow_id !== undefined) this.#announced.add(workflow_id);
      void this.#serve();
    });
  }

  /**
   * Claims a task for a miner, waiting for one if there is none.
   *
   * @param ms - how long to wait; 0 looks once
   * @param signal - fires when the miner disconnects or the server closes: then it gets nothing
   */
  async claim(workflow_ids: readonly string[], claimant: Claimant, ms: number, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return undefined;
    const kind = workflow_ids.toSorted().join('\n');
    const { promise, resolve: end, reject: fail } = Promise.withResolvers<Outcome>();
    const waiter: Waiter = {
      workflow_ids,
      claimant,
      kind,
      wasServed: false,
      hasLeft: false,
      isLeaving: false,
      end,
      fail,
    };
    const leave = () => {
      waiter.isLeaving = true;
      // a miner that is being served right now stays for the outcome
      if (!this.#served.includes(waiter) && (waiter.wasServed || signal.aborted)) this.#release(waiter, undefined);
    };
    const timer = setTimeout(leave, ms);
    signal.addEventListener('abort', leave);
    this.#waiting.add(waiter);
    void this.#serve();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      // a signal with listeners is kept in memory for as long as its sources
      signal.removeEventListener('abort', leave);
    }
  }

  /** Serves waiting miners, first come, first served. Work that arrives meanwhile causes another round. */
  async #serve(): Promise<void> {
    this.#hasWork = true;
    if (this.#isServing) return;
    this.#isServing = true;
    this.#pause?.abort();
    while (this.#hasWork) {
      this.#hasWork = false;
      const announced = this.#announced;
      this.#announced = new Set();
      await this.#serveRound();
      if ([...announced].some((workflow_id) => !this.#isExhausted(workflow_id))) this.#bus.forwardWork();
    }
    this.#isServing = false;
    if (this.#lookAgainMs < Number.POSITIVE_INFINITY) void this.#serveLater(this.#lookAgainMs);
  }

  /** Looks again for those that have left work to others, unless something happens before. */
  async #serveLater(ms: number): Promise<void> {
    if (!this.#waiting.size) return;
    const pause = new AbortController();
    this.#pause = pause;
    await this.#clock.sleep(ms, pause.signal);
    if (!pause.signal.aborted) void this.#serve();
  }

  /** Whether no work of a workflow is left for other replicas: a miner here was served, got nothing, and still waits. */
  #isExhausted(workflow_id: string): boolean {
    for (const { wasServed, hasLeft, workflow_ids } of this.#waiting)
      if (wasServed && !hasLeft && workflow_ids.includes(workflow_id)) return true;
    return false;
  }

  async #serveRound(): Promise<void> {
    this.#lookAgainMs = Number.POSITIVE_INFINITY;
    const kinds = [...Map.groupBy(this.#waiting, ({ kind }) => kind).values()];
    let work = await this.#look(kinds);
    for (const [index, waiters] of kinds.entries()) {
      const mayFind = !work || waiters[0]!.workflow_ids.some((workflow_id) => work!.has(workflow_id));
      if (!mayFind) this.#settle(waiters, []);
      // its claims may have taken the last task
      else if (await this.#serveKind(waiters)) work = await this.#look(kinds.slice(index + 1));
    }
  }

  /** One look for many kinds: a miner that holds hundreds of claims, each for other workflows, costs no more than one claim. */
  async #look(kinds: readonly (readonly Waiter[])[]): Promise<Set<string> | undefined> {
    if (!this.#findWork || kinds.length < 2) return undefined;
    const workflow_ids = new Set(kinds.flatMap(([first]) => first!.workflow_ids));
    // without an answer each claim asks, and fails, for itself
    return await this.#findWork([...workflow_ids]).catch(() => undefined);
  }

  /** Returns whether any of them got something. */
  async #serveKind(waiters: readonly Waiter[]): Promise<boolean> {
    let isEmpty = false;
    let hasFound = false;
    for (let start = 0; start < waiters.length; start += this.#maxBatch) {
      // some may have left meanwhile
      const batch = waiters.slice(start, start + this.#maxBatch).filter((waiter) => this.#waiting.has(waiter));
      const found: Outcome[] = isEmpty ? [] : await this.#serveBatch(batch);
      isEmpty = batch.some((_, index) => !found[index]);
      hasFound ||= found.some(Boolean);
      this.#settle(batch, found);
    }
    return hasFound;
  }

  #settle(waiters: readonly Waiter[], found: readonly Outcome[]): void {
    for (const [index, waiter] of waiters.entries()) {
      waiter.wasServed = true;
      const outcome = found[index];
      waiter.hasLeft = isLeft(outcome);
      if (isLeft(outcome) && !waiter.isLeaving) this.#lookAgainMs = Math.min(this.#lookAgainMs, outcome.look_again_ms);
      else if (outcome || waiter.isLeaving) this.#release(waiter, outcome);
    }
  }

  async #serveBatch(waiters: readonly Waiter[]): Promise<Outcome[]> {
    const [first] = waiters;
    if (!first) return [];
    this.#served = waiters;
    try {
      const claimants = waiters.map(({ claimant }) => claimant);
      return await this.#claim(first.workflow_ids, claimants);
    } catch (error) {
      for (const waiter of waiters) {
        this.#waiting.delete(waiter);
        waiter.fail(error);
      }
      return [];
    } finally {
      this.#served = [];
    }
  }

  #release(waiter: Waiter, found: Outcome): void {
    this.#waiting.delete(waiter);
    waiter.end(found);
    // a timer for nobody would keep the process alive
    if (!this.#waiting.size) this.#pause?.abort();
  }
}
