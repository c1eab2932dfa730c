import type { MinerReport } from './miner-report.ts';

/** What a miner has done since its start. */
export type TallyCounts = Pick<MinerReport, 'finished' | 'failed' | 'lost' | 'run_seconds'>;

/** Counts what a miner does. */
export class Tally {
  #finished = 0;
  readonly #failed: Record<string, number> = {};
  #lost = 0;
  #runSeconds = 0;

  addFinished(): void {
    this.#finished++;
  }

  /** @param code - of the task's error */
  addFailed(code: string): void {
    this.#failed[code] = (this.#failed[code] ?? 0) + 1;
  }

  addLost(): void {
    this.#lost++;
  }

  addRunSeconds(seconds: number): void {
    this.#runSeconds += seconds;
  }

  get counts(): TallyCounts {
    return {
      finished: this.#finished,
      failed: { ...this.#failed },
      lost: this.#lost,
      run_seconds: this.#runSeconds,
    };
  }
}
