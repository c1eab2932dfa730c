import type { FaultName } from '@heurist/test-kit';
import type { Protocol } from './gateway.ts';

/** When a caller gives up. */
export interface Patience {
  /** Milliseconds. */
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Jobs at the same time. */
export const MANY = 3;

/** What a client does for its caller. What it has no call for is left out. */
export interface Session {
  /** Runs a job and waits until it has ended. */
  run(patience: Patience): Promise<unknown>;
  /** The same, with the event stream of the service. */
  follow?(patience: Patience): Promise<unknown>;
  /** Runs {@link MANY} jobs at the same time, and waits until all have ended. For clients that ask about many at once. */
  runMany?(patience: Patience): Promise<unknown>;
  upload?(file: Blob): Promise<unknown>;
  /** Runs a job and reads its output. */
  download?(): Promise<unknown>;
}

/** A client that is compared. */
export interface Client {
  name: string;
  version: string;
  /** How it is called, for the page. */
  settings: string;
  /** What its service speaks. Default: what ours speaks. */
  protocol?: Protocol;
  /** Faults that its service cannot have, and what its caller cannot ask for. */
  lacks: readonly (FaultName | 'abort' | 'timeout')[];
  open(url: string): Session | Promise<Session>;
}
