/** A miner that waits for work asks again at least once a minute. */
const SILENT_AFTER_MS = 90_000;
/** After a start, miners need a while to come back. */
const GRACE_MS = 15_000;

/** Which workflows are run by the miners that were heard of lately. In memory: what each says is soon said again. */
export class LiveMiners {
  readonly #start: number;
  readonly #now: () => number;
  /** Workflow id -> miner id -> when it was heard of. */
  readonly #seen = new Map<string, Map<string, number>>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#start = now();
  }

  /** A miner asks for tasks of these workflows. */
  offers(miner_id: string, workflow_ids: readonly string[]): void {
    for (const workflow_id of workflow_ids) {
      const miners = this.#seen.get(workflow_id) ?? new Map<string, number>();
      this.#seen.set(workflow_id, miners.set(miner_id, this.#now()));
    }
  }

  /** A miner has gone while it waited for work. */
  leaves(miner_id: string): void {
    for (const miners of this.#seen.values()) miners.delete(miner_id);
  }

  /** A miner is at work, and asks for nothing meanwhile. */
  isAtWork(miner_id: string): void {
    for (const miners of this.#seen.values()) if (miners.has(miner_id)) miners.set(miner_id, this.#now());
  }

  /** What to tell somebody who waits for a workflow that nobody runs. */
  warningFor(workflow_id: string): string | undefined {
    const now = this.#now();
    if (now - this.#start < GRACE_MS) return undefined;
    const times = [...(this.#seen.get(workflow_id)?.values() ?? [])];
    if (times.some((time) => now - time < SILENT_AFTER_MS)) return undefined;
    return `No miner of this network runs workflow ${workflow_id} now. The task waits until one does.`;
  }
}
