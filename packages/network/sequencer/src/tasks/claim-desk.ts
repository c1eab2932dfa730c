import type { Bus } from '../bus/bus.ts';
import type { Claim } from './dispatch.ts';
import type { TaskRecord } from './task-record.ts';

/** A task and the claim that a miner has on it. */
export interface ClaimedTask {
  task: Pick<
    TaskRecord,
    'task_id' | 'task_type' | 'workflow_id' | 'task_details' | 'attempt' | 'created_at' | 'history' | 'traceparent'
  >;
  claim: Claim;
}

/** Who asks for a task. */
export interface Claimant {
  miner_id: string;
  /** Its name for this claim, if it has one. */
  claim_id?: string | undefined;
}

/** How tasks are claimed: `Tasks.claim`. In the order of the miners. */
type TakeTasks = (
  workflow_ids: readonly string[],
  claimants: readonly Claimant[],
) => Promise<(ClaimedTask | undefined)[]>;

/** So many miners at most are served together. */
const PORTION = 100;

/** A miner that waits for work. */
interface Waiter {
  workflow_ids: readonly string[];
  claimant: Claimant;
  /** The same for all miners that can run the same workflows. */
  kind: string;
  /** It was told at least once whether there is something. */
  wasServed: boolean;
  /** Its time is over. */
  isLeaving: boolean;
  end(found: ClaimedTask | undefined): void;
  fail(error: unknown): void;
}

/**
 * Where miners wait for tasks. When work arrives, all who can run the same are served together, and no further than
 * there are tasks: a thousand idle miners cost no more than one.
 */
export class ClaimDesk {
  readonly #take: TakeTasks;
  readonly #bus: Bus;
  readonly #waiting = new Set<Waiter>();
  #served: readonly Waiter[] = [];
  #isServing = false;
  #hasNews = false;
  /** Workflows of which there is something new from this process. */
  #arrived = new Set<string>();

  constructor(take: TakeTasks, bus: Bus) {
    this.#take = take;
    this.#bus = bus;
    bus.onWork((workflow_id) => {
      if (workflow_id !== undefined) this.#arrived.add(workflow_id);
      void this.#serve();
    });
  }

  /**
   * Claims a task for a miner, waiting for one if need be.
   *
   * @param ms - how long to wait; 0 asks once
   * @param signal - the miner has gone, or the server closes: it gets nothing any more
   */
  async claim(
    workflow_ids: readonly string[],
    claimant: Claimant,
    ms: number,
    signal: AbortSignal,
  ): Promise<ClaimedTask | undefined> {
    if (signal.aborted) return undefined;
    const kind = workflow_ids.toSorted().join('\n');
    const { promise, resolve: end, reject: fail } = Promise.withResolvers<ClaimedTask | undefined>();
    const waiter: Waiter = { workflow_ids, claimant, kind, wasServed: false, isLeaving: false, end, fail };
    const leave = () => {
      waiter.isLeaving = true;
      // one who is being served right now stays for the outcome
      if (!this.#served.includes(waiter) && (waiter.wasServed || signal.aborted)) this.#dismiss(waiter, undefined);
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

  /** Serves who waits, first come first served. News during the service make another round. */
  async #serve(): Promise<void> {
    this.#hasNews = true;
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#hasNews) {
      this.#hasNews = false;
      const arrived = this.#arrived;
      this.#arrived = new Set();
      await this.#serveRound();
      if ([...arrived].some((workflow_id) => !this.#isEmpty(workflow_id))) this.#bus.workLeft();
    }
    this.#isServing = false;
  }

  /** Whether nothing of a workflow is left for others: somebody here was served, got nothing, and waits on. */
  #isEmpty(workflow_id: string): boolean {
    for (const { wasServed, workflow_ids } of this.#waiting)
      if (wasServed && workflow_ids.includes(workflow_id)) return true;
    return false;
  }

  async #serveRound(): Promise<void> {
    const kinds = Map.groupBy(this.#waiting, ({ kind }) => kind);
    for (const waiters of kinds.values()) await this.#serveKind(waiters);
  }

  async #serveKind(waiters: readonly Waiter[]): Promise<void> {
    let isEmpty = false;
    for (let start = 0; start < waiters.length; start += PORTION) {
      // some may have left meanwhile
      const portion = waiters.slice(start, start + PORTION).filter((waiter) => this.#waiting.has(waiter));
      const found: (ClaimedTask | undefined)[] = isEmpty ? [] : await this.#serveTogether(portion);
      isEmpty = portion.some((_, index) => !found[index]);
      portion.forEach((waiter, index) => {
        waiter.wasServed = true;
        if (found[index] || waiter.isLeaving) this.#dismiss(waiter, found[index]);
      });
    }
  }

  async #serveTogether(waiters: readonly Waiter[]): Promise<(ClaimedTask | undefined)[]> {
    const [first] = waiters;
    if (!first) return [];
    this.#served = waiters;
    try {
      const claimants = waiters.map(({ claimant }) => claimant);
      return await this.#take(first.workflow_ids, claimants);
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

  #dismiss(waiter: Waiter, found: ClaimedTask | undefined): void {
    this.#waiting.delete(waiter);
    waiter.end(found);
  }
}
