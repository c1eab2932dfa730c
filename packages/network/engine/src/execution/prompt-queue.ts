import type { Graph } from '@heurist/core/definition';

/** A prompt on its way, as `/queue` prints it: number, id, prompt, extra data, outputs to run. */
export type QueueItem = [
  number: number,
  prompt_id: string,
  prompt: Graph,
  extra_data: Record<string, unknown>,
  outputs: string[],
];

/** Pending prompts in the order of their numbers; equal numbers by id, as ComfyUI's heap has it. */
export class PromptQueue {
  #pending: QueueItem[] = [];
  #running: QueueItem | undefined;
  #counter = 0;

  get pending(): QueueItem[] {
    return [...this.#pending];
  }

  get running(): QueueItem | undefined {
    return this.#running;
  }

  /** What ComfyUI calls `queue_remaining`. */
  get remaining(): number {
    return this.#pending.length + (this.#running ? 1 : 0);
  }

  /** The number of a new prompt: an own one wins; `front` goes before all others. */
  nextNumber(number: number | undefined, front: boolean): number {
    if (number !== undefined) return number;
    const counter = this.#counter++;
    return front ? -counter : counter;
  }

  add(item: QueueItem): void {
    this.#pending.push(item);
    this.#pending.sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1));
  }

  /** Takes the next prompt to run. */
  take(): QueueItem | undefined {
    this.#running = this.#pending.shift();
    return this.#running;
  }

  done(): void {
    this.#running = undefined;
  }

  /** Drops pending prompts; the running one and unknown ids are left alone. Returns whether any was dropped. */
  delete(ids: readonly string[]): boolean {
    const before = this.#pending.length;
    this.#pending = this.#pending.filter(([, id]) => !ids.includes(id));
    return this.#pending.length < before;
  }

  clear(): void {
    this.#pending = [];
  }
}
