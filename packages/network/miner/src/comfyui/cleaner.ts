import type { ComfyClient } from '@heurist/comfyui';
import type { Logger } from '@heurist/core/protocol';
import { Backoff } from '@heurist/server-kit/backoff';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { ComfyFolder, RunFiles } from './comfy-folder.ts';

/** What a run leaves in its ComfyUI. */
export interface Remains extends Omit<RunFiles, 'outputs' | 'mark'> {
  task_id: string;
  /** Empty if none was queued. */
  prompt_id: string;
}

/** What a cleaner works with. */
export interface CleanerOptions {
  comfyui: Pick<ComfyClient, 'madeBy' | 'queue' | 'deleteHistory'>;
  /** Without it, files stay. */
  folder: Pick<ComfyFolder, 'remove'> | undefined;
  logger: Logger;
  clock?: Clock;
}

/** How long an interrupted prompt may take to end, in milliseconds. */
const ENDS_WITHIN_MS = 60_000;
/** How long a stop waits for what is still to be removed, in milliseconds. */
export const DRAIN_MS = 10_000;
const DELAYS = { firstMs: 100, maxMs: 5000 };

/** Part of the name of every file that a prompt saves: no other prompt has it, not even one of the same task. */
export function markOf({ task_id, prompt_id }: Pick<Remains, 'task_id' | 'prompt_id'>): string {
  return `${task_id}-${prompt_id.slice(0, 8)}`;
}

/** Removes what belongs to consumers once their tasks have ended: prompts from the history, and files if it has the folder. */
export class Cleaner {
  readonly #options: CleanerOptions;
  readonly #clock: Clock;
  readonly #pending = new Set<Promise<void>>();

  constructor(options: CleanerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Whether files are removed too. */
  get removesFiles(): boolean {
    return this.#options.folder !== undefined;
  }

  /** Begins to remove what a run has left. It must not be needed any more. Never throws. */
  clear(remains: Remains): void {
    const pending: Promise<void> = this.#clear(remains)
      .catch((error) =>
        this.#options.logger.warn('traces of a task may have stayed in ComfyUI', {
          task_id: remains.task_id,
          message: (error as Error).message,
        }),
      )
      .finally(() => this.#pending.delete(pending));
    this.#pending.add(pending);
  }

  /** Resolves when everything is removed, or after {@link DRAIN_MS}: a ComfyUI that hangs holds up no stop. */
  async drain(): Promise<void> {
    if (!this.#pending.size) return;
    const done = new AbortController();
    void Promise.all(this.#pending).then(() => done.abort());
    await this.#clock.sleep(DRAIN_MS, done.signal);
  }

  async #clear(remains: Remains): Promise<void> {
    const { comfyui, folder } = this.#options;
    const { prompt_id } = remains;
    // the history is gone with a ComfyUI that was restarted; what it saved is not
    const made = prompt_id ? await this.#untilEnded(prompt_id).catch((error: Error) => error) : [];
    const outputs = Array.isArray(made) ? made.flatMap((output) => (output.kind === 'text' ? [] : [output])) : [];
    await folder?.remove({ ...remains, outputs, mark: markOf(remains) });
    if (!Array.isArray(made)) throw made;
    if (prompt_id) await comfyui.deleteHistory([prompt_id]);
  }

  /** Waits until a prompt has left the queue: its entry comes only then. Resolves with what it made. */
  async #untilEnded(prompt_id: string) {
    const { comfyui } = this.#options;
    const start = this.#clock.now();
    for (const backoff = new Backoff(DELAYS); ; ) {
      const made = await comfyui.madeBy(prompt_id);
      if (made) return made;
      const { running, pending } = await comfyui.queue();
      const isQueued = running.includes(prompt_id) || pending.includes(prompt_id);
      if (!isQueued) return (await comfyui.madeBy(prompt_id)) ?? [];
      if (this.#clock.now() - start > ENDS_WITHIN_MS) return [];
      await this.#clock.sleep(backoff.next());
    }
  }
}
