/** Below this, a graph's own pace says too little. */
const ENOUGH_PERCENT = 10;
/** A task whose inputs take longer than this stands aside, in milliseconds: others are claimed as if it were not there. */
export const ASIDE_MS = 1000;

interface Entry {
  workflow_id: string;
  /** Since when its inputs are being fetched, in milliseconds; `undefined` if it has none, or they are here. */
  fetchingSince: number | undefined;
  /** Whether its graph is with the ComfyUI. */
  isQueued: boolean;
  /** When it came to its turn, in milliseconds; `undefined` while it waits behind another. */
  startedAt: number | undefined;
  percent: number;
}

/** Forecasts when a ComfyUI will run out of work, from the progress of its graphs and how long earlier ones took. */
export class Forecast {
  readonly #now: () => number;
  /** Workflow id -> milliseconds that its last graph took. */
  readonly #durations = new Map<string, number>();
  /** By lease. Of those that are queued, the first one runs. */
  readonly #entries = new Map<string, Entry>();

  /** @param now - the time in milliseconds; tests make it pass */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Leases of the tasks that wait for slow inputs, the longest wait first. */
  get aside(): string[] {
    return [...this.#entries].flatMap(([lease_id, entry]) => (this.#isAside(entry) ? [lease_id] : []));
  }

  /** A task was claimed. */
  begin(lease_id: string, workflow_id: string): void {
    const entry = { workflow_id, fetchingSince: undefined, isQueued: false, startedAt: undefined, percent: 0 };
    this.#entries.set(lease_id, entry);
  }

  /** The inputs of a task are being fetched. */
  fetch(lease_id: string): void {
    const entry = this.#entries.get(lease_id);
    if (entry) entry.fetchingSince ??= this.#now();
  }

  /** The graph of a task is with the ComfyUI, behind those that were queued before. */
  queue(lease_id: string): void {
    const entry = this.#entries.get(lease_id);
    if (!entry || entry.isQueued) return;
    const isFirst = !this.#firstQueued();
    this.#entries.delete(lease_id);
    const startedAt = isFirst ? this.#now() : undefined;
    this.#entries.set(lease_id, { ...entry, fetchingSince: undefined, isQueued: true, startedAt });
  }

  recordProgress(lease_id: string, percent: number): void {
    const entry = this.#entries.get(lease_id);
    if (entry) entry.percent = percent;
  }

  /** @param isGood - the time of a failed graph says nothing about others */
  end(lease_id: string, isGood: boolean): void {
    const entry = this.#entries.get(lease_id);
    this.#entries.delete(lease_id);
    if (isGood && entry?.startedAt !== undefined) this.#durations.set(entry.workflow_id, this.#now() - entry.startedAt);
    const next = this.#firstQueued();
    if (next) next.startedAt ??= this.#now();
  }

  /** Milliseconds until every graph has ended; `Infinity` if that cannot be known. What stands aside does not count. */
  remainingMs(): number {
    let sum = 0;
    for (const entry of this.#entries.values()) if (!this.#isAside(entry)) sum += this.#remainingOf(entry);
    return sum;
  }

  #remainingOf({ workflow_id, startedAt, percent }: Entry): number {
    const elapsed = startedAt === undefined ? 0 : this.#now() - startedAt;
    const last = this.#durations.get(workflow_id) ?? Number.POSITIVE_INFINITY;
    const whole = percent >= ENOUGH_PERCENT ? (100 * elapsed) / percent : last;
    return Math.max(0, whole - elapsed);
  }

  #isAside({ fetchingSince }: Entry): boolean {
    return fetchingSince !== undefined && this.#now() - fetchingSince >= ASIDE_MS;
  }

  #firstQueued(): Entry | undefined {
    return [...this.#entries.values()].find(({ isQueued }) => isQueued);
  }
}
