import type { Change } from './ledger.ts';
import type { Network } from './network.ts';

/** Somebody who does not keep to the rules, among the honest. */
export interface Stranger {
  name: string;
  /** Does its worst until the signal fires, and resolves then. */
  run(network: Pick<Network, 'urls' | 'createKey'>, signal: AbortSignal): Promise<void>;
  /** What it should not have been able to do. The ledger has everybody's tasks, in the order of what happened. */
  check?(ledger: readonly Change[]): string[];
}
