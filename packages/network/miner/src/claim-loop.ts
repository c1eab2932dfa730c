import { randomUUID } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { errorCodes, type Logger } from '@heurist/core/protocol';
import { Backoff } from '@heurist/server-kit/backoff';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { messageWithAdvice } from '@heurist/server-kit/unknown-authority';
import { untraced } from '@heurist/server-kit/untraced';
import type { ComfyGuard } from './comfyui/comfy-guard.ts';
import type { Offers } from './comfyui/offers.ts';
import type { LeasedTask, SequencerProtocol } from './sequencer/sequencer-client.ts';
import type { MinerState } from './status/miner-report.ts';
import type { HeldModels } from './warm/held-models.ts';

/** What a loop claims for. */
export interface ClaimLoopOptions {
  sequencer: Pick<SequencerProtocol, 'claim'>;
  offers: Pick<Offers, 'url' | 'workflowIds' | 'missing' | 'refresh' | 'refreshIfStale'>;
  guard: Pick<ComfyGuard, 'doubt' | 'untilWorks'>;
  /** What the ComfyUI holds. */
  models: Pick<HeldModels, 'warm'>;
  /** Waits until another task should be claimed. */
  untilDue(signal: AbortSignal): Promise<void>;
  /** Takes what a long poll brought; `undefined`: no task. */
  take(task: LeasedTask | undefined): Promise<void>;
  logger: Logger;
  clock?: Clock;
}

/** Delays while the sequencer does not answer, in milliseconds. */
const CLAIM_DELAYS = { firstMs: 1000, maxMs: 30_000 };
/** How often a ComfyUI that can run nothing is asked again, in milliseconds. */
const EMPTY_MS = 30_000;

/** Claims tasks by long polls, one after another, while there is something to offer and a ComfyUI that can be trusted. */
export class ClaimLoop {
  readonly #options: ClaimLoopOptions;
  readonly #clock: Clock;
  #waitsFor: MinerState | undefined = 'starting';
  /** The same again until it is answered: then so is the task, if there was one. */
  #claimId = randomUUID();
  /** What the sequencer was told to be missing, as JSON. */
  #told: string | undefined;

  constructor(options: ClaimLoopOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** What it waits for; `undefined`: for a task. */
  get waitsFor(): MinerState | undefined {
    return this.#waitsFor;
  }

  /**
   * Resolves when the signal fires.
   *
   * @throws {HeuristError} if the sequencer refuses the miner
   */
  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(CLAIM_DELAYS);
    while (!signal.aborted) {
      try {
        await this.#untilReady(signal);
        if (!signal.aborted && (await this.#claim(signal))) backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        if (isRefusal(error)) throw error;
        this.#waitsFor = 'waiting_for_sequencer';
        // a sequencer that was away may have forgotten
        this.#told = undefined;
        this.#options.logger.warn('no contact with the sequencer', { message: messageWithAdvice(error) });
        await this.#clock.sleep(backoff.next(), signal);
      }
    }
  }

  /** One long poll. Returns whether the sequencer answered. */
  async #claim(signal: AbortSignal): Promise<boolean> {
    const { sequencer, offers, guard, models, take } = this.#options;
    const { workflowIds, missing } = offers;
    const told = JSON.stringify(missing);
    const news = this.#told === told ? undefined : missing;
    // a task that comes while its ComfyUI fails would fail too
    const { doubt } = guard;
    const either = AbortSignal.any([signal, doubt]);
    const claim = untraced(() => sequencer.claim(this.#claimId, workflowIds, news, either, models.warm));
    const task = await claim.catch((error) => {
      if (!doubt.aborted) throw error;
      return undefined;
    });
    if (doubt.aborted && !task) return false;
    this.#claimId = randomUUID();
    this.#told = told;
    await take(task);
    return true;
  }

  /** Waits until there is something to offer, and a ComfyUI to run it. */
  async #untilReady(signal: AbortSignal): Promise<void> {
    const { offers, guard, untilDue, logger } = this.#options;
    await untilDue(signal);
    if (guard.doubt.aborted) {
      this.#waitsFor = 'waiting_for_comfyui';
      await guard.untilWorks(signal);
    }
    await offers.refreshIfStale();
    while (!offers.workflowIds.length && !signal.aborted) {
      this.#waitsFor = 'waiting_for_comfyui';
      logger.warn('this ComfyUI can no longer run any workflow', { comfyui: offers.url });
      await this.#clock.sleep(EMPTY_MS, signal);
      await offers.refresh();
    }
    this.#waitsFor = undefined;
  }
}

/** Whether the sequencer itself refuses the miner, by a code of the protocol. Anything else may be a proxy in between. */
function isRefusal(error: unknown): boolean {
  return HeuristError.isInstance(error) && !error.isRetryable && error.code in errorCodes;
}
