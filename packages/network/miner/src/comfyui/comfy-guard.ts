import { setTimeout as sleep } from 'node:timers/promises';
import type { ComfyClient } from '@heurist/comfyui';
import type { Logger } from '@heurist/core/protocol';
import type { Fault } from '../task/task-error.ts';

/** Settings of a guard. */
export interface GuardOptions {
  comfyui: ComfyClient;
  /** Restarts the ComfyUI; resolves when that is under way. Without it, somebody else has to. */
  restart?: (() => Promise<void>) | undefined;
  logger: Logger;
}

const MAX_BACKOFF_MS = 30_000;
/** The longest pause after failures in a row, each of which cost a task one of its attempts. */
const MAX_PAUSE_MS = 5 * 60_000;
/** A ComfyUI that is away may be starting. */
const RESTART_AFTER_MS = 60_000;
/** Models have to be loaded again: not twice within this time. */
const RESTART_EVERY_MS = 5 * 60_000;

/** Knows whether a ComfyUI can be trusted with another task. */
export class ComfyGuard {
  readonly #options: GuardOptions;
  /** Failures of this ComfyUI itself, one after the other. */
  #failures = 0;
  #isInDoubt = false;
  #isBroken = false;
  #restartedAt = Number.NEGATIVE_INFINITY;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  get isInDoubt(): boolean {
    return this.#isInDoubt;
  }

  /** How often it was restarted. */
  restarts = 0;
  /** Called when a failure was its own. */
  onDoubt = () => {};

  /** A graph has finished: whatever was, it works now. */
  isWell(): void {
    this.#failures = 0;
  }

  /** A task failed, and not by its own fault. */
  async blame(fault: Fault): Promise<void> {
    // the next one may be smaller, and should find the memory empty
    if (fault === 'memory') await this.#options.comfyui.free().catch(() => {});
    if (fault !== 'comfyui' && fault !== 'broken') return;
    this.#failures++;
    this.#isInDoubt = true;
    this.#isBroken ||= fault === 'broken';
    this.onDoubt();
  }

  /**
   * Waits until ComfyUI answers and its queue has moved on. Claiming before would use up the attempts of one task after
   * the other within seconds. After several failures in a row, it is given longer and longer.
   */
  async untilWorks(signal: AbortSignal): Promise<void> {
    const { comfyui, logger } = this.#options;
    logger.warn('waiting for ComfyUI', { comfyui: comfyui.url, failures: this.#failures });
    const headOf = async () => (await comfyui.queue(signal)).running[0];
    let stuck = await headOf().catch(() => undefined);
    if (this.#isBroken) await this.#restart();
    const since = Date.now();
    for (let delay = 1000; !signal.aborted; delay = Math.min(delay * 2, MAX_BACKOFF_MS)) {
      try {
        const head = await headOf();
        if (head === undefined || head !== stuck) break;
        // the last restart may have come to nothing
        if (this.#isBroken) await this.#restart();
      } catch {
        stuck = undefined;
        if (Date.now() - since > RESTART_AFTER_MS) await this.#restart();
      }
      await sleep(delay, undefined, { signal }).catch(() => {});
    }
    const pause = this.#failures > 1 ? Math.min(1000 * 2 ** (this.#failures - 1), MAX_PAUSE_MS) : 0;
    await sleep(pause, undefined, { signal }).catch(() => {});
    this.#isInDoubt = false;
    this.#isBroken = false;
  }

  async #restart(): Promise<void> {
    const { comfyui, restart, logger } = this.#options;
    const fields = { comfyui: comfyui.url };
    if (Date.now() - this.#restartedAt < RESTART_EVERY_MS) return;
    this.#restartedAt = Date.now();
    if (!restart) return logger.error('ComfyUI must be restarted, and there is no command for it', fields);
    this.restarts++;
    logger.warn('restarting ComfyUI', fields);
    await restart().catch((error) => logger.error('ComfyUI was not restarted', { ...fields, message: error.message }));
  }
}
