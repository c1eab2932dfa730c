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

/** What busy miners do. */
export type BusyJob =
  /** Each claims one task, and sends heartbeats from then on. */
  | { kind: 'claim'; url: string; keys: string[] }
  /** They are counted for so many seconds: one every two seconds, or as our miner does. */
  | { kind: 'every 2 s' | 'held'; warmSeconds: number; seconds: number };

/** What became of their heartbeats, after the first seconds. */
export interface Beats {
  /** Answered for a lease that goes on. */
  renewed: number;
  /** Answered that the lease is lost. */
  lost: number;
  /** Not answered, or with an error. */
  failed: number;
  /** Milliseconds from the call to its answer, without the time that it was held for: the 50th, 99th and 100th of a hundred. */
  latency: [p50: number, p99: number, max: number];
  /** CPU of the process that sends, as a part of one core. */
  cpu: number;
}
