import type { Terminal } from '../authoring/ask-plan.ts';
import type { StartDevNetwork } from '../network/local-network.ts';

/** Dependencies of the command. */
export interface ProgramOptions {
  /** Starts a local network. Default: that of `@heurist/dev`, if it is installed. */
  startLocalNetwork?: StartDevNetwork;
  /** What `--version` prints. Default: the version of `@heurist/cli`. */
  version?: string;
  /** Milliseconds in which the network must say which graphs it runs, where `run` depends on it. Default 2000. */
  askLimitMs?: number;
  /** Where commands ask. Default: the terminal of this process, if it is one. */
  terminal?: Terminal;
  /** Workflow packages that `dev` loads, and loads anew when their files change. Default: none. */
  editedPackages?: readonly string[];
}
