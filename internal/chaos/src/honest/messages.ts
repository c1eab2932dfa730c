// What the processes of a measurement tell each other.

/** What honest consumers submit. */
export interface Load {
  tasks: number;
  perSecond: number;
}

/** What they got. */
export interface Waits {
  /** From the submit to the result, in milliseconds. */
  waits: number[];
  failures: string[];
  seconds: number;
}

/** Sent to a sequencer that is to create a key. */
export interface KeyRequest {
  role: 'consumer' | 'miner';
  owner: string;
}

/** Its reply. */
export interface Key {
  owner: string;
  key: string;
}

/** What strangers got. */
export interface Attack {
  /** Requests by the status that they were answered with; 0: by none. */
  answers: [status: number, count: number][];
  /** Answers with status 500. */
  failures: string[];
}
