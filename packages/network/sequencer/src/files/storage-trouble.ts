import type { TaskErrorInfo } from '@heurist/core';
import { type Clock, systemClock } from '@heurist/server-kit/clock';

/** An attempt whose outputs could not be stored is ended after this many tries, and this time. */
const MAX_FAILURES = 3;
const PATIENCE_MS = 60_000;
/** How long after a failure nobody is blamed for what fails. */
const FRESH_MS = 60_000;
const FORGET_MS = 3600_000;

/** How an attempt ends whose outputs cannot be stored. */
export const STORAGE_FAILED: TaskErrorInfo = {
  code: 'storage_failed',
  message:
    'The network could not store the output of this task: its storage cannot be written. Submit it again later, or tell the operator.',
  is_retryable: true,
};

/**
 * Counts how often the storage has failed for each attempt: a miner may try again without end, while its heartbeats keep the
 * task. In memory, since it only delays: another replica counts from zero.
 */
export class StorageTrouble {
  readonly #clock: Clock;
  readonly #attempts = new Map<string, { since: number; failures: number }>();
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Records a failure. Returns whether the attempt has had enough. */
  record(attempt: { task_id: string; attempt: number } | undefined): boolean {
    const now = this.#clock.now();
    this.#lastAt = now;
    if (!attempt) return false;
    for (const [key, { since }] of this.#attempts) if (now - since > FORGET_MS) this.#attempts.delete(key);
    const key = `${attempt.task_id} ${attempt.attempt}`;
    const { since, failures } = this.#attempts.get(key) ?? { since: now, failures: 0 };
    this.#attempts.set(key, { since, failures: failures + 1 });
    const isEnough = failures + 1 >= MAX_FAILURES && now - since >= PATIENCE_MS;
    if (isEnough) this.#attempts.delete(key);
    return isEnough;
  }

  /** Whether the storage has failed within a minute. */
  get isFresh(): boolean {
    return this.#clock.now() - this.#lastAt < FRESH_MS;
  }
}
