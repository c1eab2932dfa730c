import type { MinerReport } from './miner-report.ts';

/** What a miner has done since its start. */
export type TallyCounts = Pick<
  MinerReport,
  | 'finished'
  | 'failed'
  | 'lost'
  | 'run_seconds'
  | 'load_seconds'
  | 'model_switches'
  | 'model_load_seconds'
  | 'upload_seconds'
  | 'input_bytes'
  | 'output_bytes'
  | 'claims'
>;

/** Codes that are counted one by one. Each is a time series in Prometheus. */
const MOST_CODES = 50;

/** Counts what a miner does. */
export class Tally {
  #finished = 0;
  readonly #failed: Record<string, number> = {};
  #lost = 0;
  #runSeconds = 0;
  #loadSeconds = 0;
  #uploadSeconds = 0;
  #modelSwitches = 0;
  #modelLoadSeconds = 0;
  #inputBytes = 0;
  #outputBytes = 0;
  #claims = 0;

  /** @param sent - what the upload took */
  addFinished({ seconds, bytes }: { seconds: number; bytes: number }): void {
    this.#finished++;
    this.#uploadSeconds += seconds;
    this.#outputBytes += bytes;
  }

  /** @param code - of the task's error */
  addFailed(code: string): void {
    const isCounted = Object.hasOwn(this.#failed, code) || Object.keys(this.#failed).length < MOST_CODES;
    const name = isCounted ? code : 'other';
    this.#failed[name] = (this.#failed[name] ?? 0) + 1;
  }

  addLost(): void {
    this.#lost++;
  }

  addRunSeconds(seconds: number): void {
    this.#runSeconds += seconds;
  }

  addLoadSeconds(seconds: number): void {
    this.#loadSeconds += seconds;
  }

  /** Models were loaded for a run. */
  addLoad(seconds: number): void {
    this.#modelSwitches++;
    this.#modelLoadSeconds += seconds;
  }

  addInput(bytes: number): void {
    this.#inputBytes += bytes;
  }

  addClaim(): void {
    this.#claims++;
  }

  get counts(): TallyCounts {
    return {
      finished: this.#finished,
      failed: { ...this.#failed },
      lost: this.#lost,
      run_seconds: this.#runSeconds,
      load_seconds: this.#loadSeconds,
      model_switches: this.#modelSwitches,
      model_load_seconds: this.#modelLoadSeconds,
      upload_seconds: this.#uploadSeconds,
      input_bytes: this.#inputBytes,
      output_bytes: this.#outputBytes,
      claims: this.#claims,
    };
  }
}
