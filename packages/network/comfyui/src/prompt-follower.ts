import type { Clock } from '@heurist/server-kit/clock';
import { ComfyError } from './comfy-error.ts';
import type { ComfyHttp } from './comfy-http.ts';
import type { PromptSigns } from './prompt-signs.ts';
import type { HistoryEntry } from './schemas.ts';

/** How to follow a prompt. */
export interface FollowerOptions {
  server: Pick<ComfyHttp, 'url' | 'history' | 'queue' | 'cancel'>;
  /** Longest gap between two looks at the history, in milliseconds. */
  pollInterval: number;
  /** A queue that does not move for this long, without a sign from the prompt, is stuck. Milliseconds. */
  stallTimeout: number;
  clock: Clock;
}

/** How long a prompt may be in neither queue nor history before it counts as lost, in milliseconds: it can be between the two. */
export const LOST_AFTER_MS = 5000;
/** The next look at a prompt that has just ended, in milliseconds: its history entry comes in a moment. */
export const SOON_MS = 100;
/** How long an interrupt may take to help, in milliseconds. */
export const INTERRUPT_MS = 5000;

/** Follows prompts to their end. The history decides: what the socket says only makes the next look come earlier. */
export class PromptFollower {
  readonly #options: FollowerOptions;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /**
   * Waits until a prompt has ended.
   *
   * @throws {ComfyError} `comfyui_prompt_lost` or `comfyui_stuck`; on abort, the signal's reason
   */
  async follow(prompt_id: string, signs: PromptSigns, signal: AbortSignal): Promise<HistoryEntry> {
    const { server, pollInterval, clock } = this.#options;
    let missingSince: number | undefined;
    let head: string | undefined;
    for (;;) {
      await signs.wait(pollInterval, signal);
      const entry = await server.history(prompt_id, signal);
      if (entry) return entry;
      const { running, pending } = await server.queue(signal);
      const isQueued = running.includes(prompt_id) || pending.includes(prompt_id);
      missingSince = isQueued ? undefined : (missingSince ?? clock.now());
      if (missingSince !== undefined && clock.now() - missingSince > LOST_AFTER_MS) throw lost(prompt_id);
      // the end was announced, or the prompt has left the queue
      if (missingSince !== undefined || signs.hasEnded) await this.#waitBriefly(signal);
      if (running[0] !== head) signs.recordSign();
      head = running[0];
      if (clock.now() - signs.lastSign > this.#options.stallTimeout) await this.#giveUp(prompt_id);
    }
  }

  async #waitBriefly(signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(SOON_MS, signal);
    signal.throwIfAborted();
  }

  /** Nothing moves: interrupt the prompt. If that helps, a node was hanging; if not, the server is stuck. */
  async #giveUp(prompt_id: string): Promise<never> {
    const { server, stallTimeout, clock } = this.#options;
    await server.cancel(prompt_id);
    await clock.sleep(Math.min(INTERRUPT_MS, stallTimeout));
    const isStuck = (await server.queue()).running.includes(prompt_id);
    const message = isStuck
      ? `The queue of ComfyUI at ${server.url} is stuck, even after an interrupt. Restart ComfyUI.`
      : `The prompt gave no sign of life for ${stallTimeout} ms and was interrupted.`;
    throw new ComfyError(message, { code: 'comfyui_stuck', isRetryable: true, prompt_id });
  }
}

function lost(prompt_id: string): ComfyError {
  return new ComfyError(
    'The prompt is in neither the queue nor the history: ComfyUI was restarted, or somebody deleted the prompt.',
    { code: 'comfyui_prompt_lost', isRetryable: true, prompt_id },
  );
}
