/** Below this, a graph's own pace says too little. */
const ENOUGH_PERCENT = 10;

interface Graph {
  workflow_id: string;
  /** When it came to its turn, in milliseconds; `undefined` while it waits behind another. */
  startedAt: number | undefined;
  percent: number;
}

/** Forecasts when a ComfyUI will run out of work, from the progress of its graphs and how long earlier ones took. */
export class Forecast {
  readonly #now: () => number;
  /** Workflow id -> milliseconds that its last graph took. */
  readonly #durations = new Map<string, number>();
  /** In order: the first one runs. */
  readonly #graphs = new Map<string, Graph>();

  /** @param now - the time in milliseconds; tests make it pass */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  begin(task_id: string, workflow_id: string): void {
    const startedAt = this.#graphs.size === 0 ? this.#now() : undefined;
    this.#graphs.set(task_id, { workflow_id, startedAt, percent: 0 });
  }

  recordProgress(task_id: string, percent: number): void {
    const graph = this.#graphs.get(task_id);
    if (graph) graph.percent = percent;
  }

  /** @param isGood - the time of a failed graph says nothing about others */
  end(task_id: string, isGood: boolean): void {
    const graph = this.#graphs.get(task_id);
    this.#graphs.delete(task_id);
    if (isGood && graph?.startedAt !== undefined) this.#durations.set(graph.workflow_id, this.#now() - graph.startedAt);
    const [next] = this.#graphs.values();
    if (next) next.startedAt ??= this.#now();
  }

  /** Milliseconds until every graph has ended; `Infinity` if that cannot be known. */
  remainingMs(): number {
    let sum = 0;
    for (const { workflow_id, startedAt, percent } of this.#graphs.values()) {
      const elapsed = startedAt === undefined ? 0 : this.#now() - startedAt;
      const whole =
        percent >= ENOUGH_PERCENT
          ? (100 * elapsed) / percent
          : (this.#durations.get(workflow_id) ?? Number.POSITIVE_INFINITY);
      sum += Math.max(0, whole - elapsed);
    }
    return sum;
  }
}
