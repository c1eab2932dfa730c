/** What a check found. */
export interface Finding {
  /** What was looked at, such as `database`. */
  check: string;
  /** `warn`: it works, but look at it. `skip`: nothing says where it is. */
  status: 'ok' | 'warn' | 'fail' | 'skip';
  /** One line. */
  message: string;
  /** What to do about it. */
  advice?: string;
}

/** A thing to look at. */
export type Check = (settings: Settings) => Promise<Finding | readonly Finding[]>;

/** Where everything is. What is missing is skipped. */
export interface Settings {
  dataDir: string;
  /** Whether the data folder was named, or is there. */
  hasDataDir: boolean;
  database: string | undefined;
  artifacts: string | undefined;
  publicUrl: string | undefined;
  minFree: number;
  sequencer: string | undefined;
  /** Keys, by role. */
  keys: Readonly<Record<'consumer' | 'miner' | 'operator', string | undefined>>;
  comfyui: readonly string[];
}

export const ok = (check: string, message: string): Finding => ({ check, status: 'ok', message });
export const warn = (check: string, message: string, advice: string): Finding => ({
  check,
  status: 'warn',
  message,
  advice,
});
export const fail = (check: string, message: string, advice: string): Finding => ({
  check,
  status: 'fail',
  message,
  advice,
});
export const skip = (check: string, message: string): Finding => ({ check, status: 'skip', message });
