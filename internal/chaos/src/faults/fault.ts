import type { Random } from '@heurist/test-servers/random';
import type { Network } from '../network.ts';

/** Something that is broken on purpose. */
export interface Fault {
  readonly name: string;
  /** What happens, in one line of the help. */
  readonly meaning: string;
  /** How often it happens, relative to the others. */
  readonly weight: number;
  /**
   * For how long after it any tasks may pass each other, in milliseconds: transactions that had picked some of them are rolled
   * back. Default: not at all.
   */
  readonly pauseMs?: number;
  /** For how long it makes transactions hang, in milliseconds: only the tasks that these had picked may be passed. */
  readonly hangMs?: number;
  /** Default: in any network. */
  canHappen?(network: Network): boolean;
  /** Resolves when it is over, with what should not have happened. */
  cause(network: Network, random: Random): Promise<string | undefined>;
}

/** How long what is broken for a while stays so. */
export const FAULT_MS = 800;

/** For the recovery and start of an embedded database, on a machine that is busy. */
export const START_MS = 60_000;
