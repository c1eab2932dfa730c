/** A miner that waits for work asks again at least once a minute. */
const SILENT_AFTER_MS = 90_000;
/** After a start, miners need a while to come back. */
const GRACE_MS = 15_000;

/** What a miner said of itself. */
export interface LiveMiner {
  miner_id: string;
  workflow_ids: string[];
  /** Workflow id -> what its ComfyUI lacks. */
  lacks: Record<string, string[]>;
}

/** Which workflows are run by the miners that were heard of lately. In memory: what each says is soon said again. */
export class LiveMiners {
  readonly #start: number;
  readonly #now: () => number;
  /** Miner id -> what it offers, each with when it was heard of, and what it lacks. */
  readonly #seen = new Map<string, { offers: Map<string, number>; lacks: Record<string, string[]> }>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#start = now();
  }

  /**
   * A miner asks for tasks of these workflows.
   *
   * @param lacks - what it says of the others, which it does not say each time
   */
  offers(miner_id: string, workflow_ids: readonly string[], lacks?: Record<string, string[]>): void {
    const { offers, lacks: known } = this.#seen.get(miner_id) ?? { offers: new Map<string, number>(), lacks: {} };
    for (const workflow_id of workflow_ids) offers.set(workflow_id, this.#now());
    this.#seen.set(miner_id, { offers, lacks: lacks ?? known });
  }

  /** A miner has gone while it waited for work. */
  leaves(miner_id: string): void {
    this.#seen.delete(miner_id);
  }

  /** A miner is at work, and asks for nothing meanwhile. */
  isAtWork(miner_id: string): void {
    const { offers } = this.#seen.get(miner_id) ?? {};
    for (const workflow_id of offers?.keys() ?? []) offers?.set(workflow_id, this.#now());
  }

  /** The miners that were heard of lately. */
  list(): LiveMiner[] {
    const since = this.#now() - SILENT_AFTER_MS;
    const all = [...this.#seen].map(([miner_id, { offers, lacks }]) => {
      const workflow_ids = [...offers].filter(([, time]) => time > since).map(([workflow_id]) => workflow_id);
      return { miner_id, workflow_ids, lacks };
    });
    return all.filter(({ workflow_ids }) => workflow_ids.length > 0);
  }

  /** What to tell somebody who waits for a workflow that nobody runs. */
  warningFor(workflow_id: string): string | undefined {
    const now = this.#now();
    if (now - this.#start < GRACE_MS) return undefined;
    const times = [...this.#seen.values()].map(({ offers }) => offers.get(workflow_id) ?? Number.NEGATIVE_INFINITY);
    if (times.some((time) => now - time < SILENT_AFTER_MS)) return undefined;
    return `No miner of this network runs workflow ${workflow_id} now. The task waits until one does.`;
  }
}
