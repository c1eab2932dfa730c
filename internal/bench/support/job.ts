/** A sequencer, and a key for it. */
export interface Target {
  url: string;
  key: string;
}

/** What the load process does. */
export type Job =
  /** Whole tasks, `lanes` at a time. */
  | { kind: 'whole'; targets: Target[]; lanes: number; tasks: number }
  /** One task after another while `miners` long-poll: how long from submit to claim. */
  | { kind: 'dispatch'; targets: Target[]; miners: number; tasks: number; pauseMs: number };
