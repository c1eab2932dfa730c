import type { Bus } from './bus.ts';
import type { Claim } from './dispatch.ts';
import type { TaskRecord } from './task-record.ts';

/** A task and the claim that a miner has on it. */
export interface ClaimedTask {
  task: TaskRecord;
  claim: Claim;
}

/** How tasks are claimed: `Tasks.claim`. */
type TakeTask = (workflow_ids: readonly string[], miner_id: string) => Promise<ClaimedTask | undefined>;

/** A miner that waits for work. */
interface Waiter {
  workflow_ids: readonly string[];
  miner_id: string;
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
 * Where miners wait for tasks. When work arrives they are served one after another, and no further than there are
 * tasks: a thousand idle miners cost no more than one.
 */
export class ClaimDesk {
  readonly #take: TakeTask;
  readonly #waiting = new Set<Waiter>();
  #current: Waiter | undefined;
  #isServing = false;
  #hasNews = false;

  constructor(take: TakeTask, bus: Bus) {
    this.#take = take;
    bus.onWork(() => void this.#serve());
  }

  /**
   * Claims a task for a miner, waiting for one if need be.
   *
   * @param ms - how long to wait; 0 asks once
   * @param signal - the miner has gone, or the server closes: it gets nothing any more
   */
  async claim(
    workflow_ids: readonly string[],
    miner_id: string,
    ms: number,
    signal: AbortSignal,
  ): Promise<ClaimedTask | undefined> {
    if (signal.aborted) return undefined;
    const kind = workflow_ids.toSorted().join('\n');
    const { promise, resolve: end, reject: fail } = Promise.withResolvers<ClaimedTask | undefined>();
    const waiter: Waiter = { workflow_ids, miner_id, kind, wasServed: false, isLeaving: false, end, fail };
    const leave = () => {
      waiter.isLeaving = true;
      // one who is being served right now stays for the outcome
      if (waiter !== this.#current && (waiter.wasServed || signal.aborted)) this.#dismiss(waiter, undefined);
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
      await this.#serveRound();
    }
    this.#isServing = false;
  }

  async #serveRound(): Promise<void> {
    const hasNothing = new Set<string>();
    for (const waiter of this.#waiting) {
      const found = hasNothing.has(waiter.kind) ? undefined : await this.#serveOne(waiter);
      waiter.wasServed = true;
      if (!found) hasNothing.add(waiter.kind);
      if (found || waiter.isLeaving) this.#dismiss(waiter, found);
    }
  }

  async #serveOne(waiter: Waiter): Promise<ClaimedTask | undefined> {
    this.#current = waiter;
    try {
      return await this.#take(waiter.workflow_ids, waiter.miner_id);
    } catch (error) {
      this.#waiting.delete(waiter);
      waiter.fail(error);
      return undefined;
    } finally {
      this.#current = undefined;
    }
  }

  #dismiss(waiter: Waiter, found: ClaimedTask | undefined): void {
    this.#waiting.delete(waiter);
    waiter.end(found);
  }
}
