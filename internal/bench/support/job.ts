/** A sequencer, and who may call it. */
export interface Target {
  url: string;
  key: string;
}

/** What to do. */
export type Job =
  /** Whole tasks, so many lanes at a time. */
  | { kind: 'whole'; targets: Target[]; lanes: number; tasks: number }
  /** One task after another, while so many miners wait: how long from its submit to a miner's hand. */
  | { kind: 'dispatch'; targets: Target[]; miners: number; tasks: number; pauseMs: number };
