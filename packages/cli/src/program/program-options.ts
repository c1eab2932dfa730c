import type { StartDevNetwork } from '../network/local-network.ts';

/** Dependencies of the command. */
export interface ProgramOptions {
  /** Starts a local network. Default: that of `@heurist/dev`, if it is installed. */
  startLocalNetwork?: StartDevNetwork;
}
