import type { ComfyClient } from '@heurist/comfyui';
import type { Logger } from '@heurist/core/protocol';
import { Backoff } from '@heurist/server-kit/backoff';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { Fault } from '../task/task-error.ts';

/** Settings of a guard. */
export interface GuardOptions {
  comfyui: Pick<ComfyClient, 'url' | 'queue' | 'free'>;
  /** Restarts the ComfyUI; resolves once the restart has begun. Without it, somebody else has to. */
  restart?: (() => Promise<void>) | undefined;
  logger: Logger;
  clock?: Clock;
}

/** How often a ComfyUI in doubt is asked whether it works, in milliseconds. */
const GUARD_DELAYS = { firstMs: 1000, maxMs: 30_000 };
/** The longest pause after failures in a row, each of which cost a task one of its attempts. */
const MAX_PAUSE_MS = 5 * 60_000;
/** A ComfyUI that does not answer may be starting: it is given this long. */
const RESTART_AFTER_MS = 60_000;
/** A restart unloads every model: not twice within this time. */
const RESTART_EVERY_MS = 5 * 60_000;

/** Decides whether a ComfyUI can be trusted with another task. */
export class ComfyGuard {
  readonly #options: GuardOptions;
  readonly #clock: Clock;
  /** Failures of this ComfyUI itself, in a row. */
  #failures = 0;
  #doubt = new AbortController();
  #isBroken = false;
  #restartedAt = Number.NEGATIVE_INFINITY;
  #restarts = 0;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Fires when a failure was the ComfyUI's own: it gets no task until {@link untilWorks} resolves. */
  get doubt(): AbortSignal {
    return this.#doubt.signal;
  }

  /** How often it was restarted. */
  get restarts(): number {
    return this.#restarts;
  }

  /** A graph has finished: earlier failures count no more. */
  recordSuccess(): void {
    this.#failures = 0;
  }

  /** A task failed. */
  async recordFailure(fault: Fault): Promise<void> {
    // the next task may be smaller, and should find the memory empty
    if (fault === 'memory') await this.#options.comfyui.free().catch(() => {});
    if (fault !== 'comfyui' && fault !== 'broken') return;
    this.#failures++;
    this.#isBroken ||= fault === 'broken';
    this.#doubt.abort();
  }

  /**
   * Waits until ComfyUI answers and its queue has moved on. A claim before that would use up the attempts of one task after
   * another within seconds. After several failures in a row, the wait gets longer and longer.
   */
  async untilWorks(signal: AbortSignal): Promise<void> {
    const { comfyui, logger } = this.#options;
    logger.warn('waiting for ComfyUI', { comfyui: comfyui.url, failures: this.#failures });
    await this.#untilQueueMoves(signal);
    await this.#clock.sleep(pauseAfter(this.#failures), signal);
    this.#isBroken = false;
    this.#doubt = new AbortController();
  }

  async #untilQueueMoves(signal: AbortSignal): Promise<void> {
    let stuck = await this.#head(signal).catch(() => undefined);
    if (this.#isBroken) await this.#restart();
    const since = this.#clock.now();
    const backoff = new Backoff(GUARD_DELAYS);
    while (!signal.aborted) {
      try {
        const head = await this.#head(signal);
        if (head === undefined || head !== stuck) return;
        // the last restart may have failed
        if (this.#isBroken) await this.#restart();
      } catch {
        stuck = undefined;
        if (this.#clock.now() - since > RESTART_AFTER_MS) await this.#restart();
      }
      await this.#clock.sleep(backoff.next(), signal);
    }
  }

  /** The prompt that runs now. */
  async #head(signal: AbortSignal): Promise<string | undefined> {
    return (await this.#options.comfyui.queue(signal)).running[0];
  }

  async #restart(): Promise<void> {
    const { comfyui, restart, logger } = this.#options;
    const fields = { comfyui: comfyui.url };
    if (this.#clock.now() - this.#restartedAt < RESTART_EVERY_MS) return;
    this.#restartedAt = this.#clock.now();
    if (!restart) return logger.error('ComfyUI needs a restart, and no restart command is configured', fields);
    this.#restarts++;
    logger.warn('restarting ComfyUI', fields);
    const ended = new AbortController();
    try {
      // one that never comes back must not hold up the looks at the queue
      await Promise.race([restart(), this.#clock.sleep(RESTART_EVERY_MS, ended.signal)]);
    } catch (error) {
      logger.error('the restart of ComfyUI failed', { ...fields, message: `${(error as Error)?.message ?? error}` });
    } finally {
      ended.abort();
    }
  }
}

/** Milliseconds to wait after a number of failures in a row: none after the first, then twice as long after each. */
function pauseAfter(failures: number): number {
  return failures > 1 ? Math.min(1000 * 2 ** (failures - 1), MAX_PAUSE_MS) : 0;
}
