import type { QueueItem } from './prompt-queue.ts';

/** How a prompt ended. */
export interface FinishedPrompt {
  prompt: QueueItem;
  outputs: Record<string, Record<string, unknown[]>>;
  status: { status_str: 'success' | 'error'; completed: boolean; messages: [type: string, data: object][] };
  meta: Record<string, { node_id: string; display_node: string; parent_node: null; real_node_id: string }>;
}

/** ComfyUI keeps this many. */
const MAX_ENTRIES = 10_000;

/** Finished prompts, oldest first. In memory, as ComfyUI's. */
export class History {
  readonly #entries = new Map<string, FinishedPrompt>();

  set(id: string, entry: FinishedPrompt): void {
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    if (this.#entries.size > MAX_ENTRIES) this.#entries.delete(this.#entries.keys().next().value ?? '');
  }

  get(id: string): FinishedPrompt | undefined {
    return this.#entries.get(id);
  }

  /** A page: with a limit and no offset, the newest. */
  list(maxItems: number | undefined, offset: number): Record<string, FinishedPrompt> {
    const entries = [...this.#entries];
    const start = offset >= 0 ? offset : maxItems === undefined ? 0 : Math.max(0, entries.length - maxItems);
    return Object.fromEntries(entries.slice(start, maxItems === undefined ? undefined : start + maxItems));
  }

  delete(id: string): void {
    this.#entries.delete(id);
  }

  clear(): void {
    this.#entries.clear();
  }
}
