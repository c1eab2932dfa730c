import type { Clock } from '@heurist/server-kit/clock';
import type { PrivateHosts } from '@heurist/server-kit/public-address';

/** Where input files may come from. */
export interface InputPolicy {
  /** The sequencer's own address: its files are fetched from anywhere, even a private network. */
  sequencerUrl: string;
  /** Where else the sequencer says that files of its network are: its public address, and that of its storage. */
  fileOrigins?: readonly string[] | undefined;
  /** What else to fetch from outside the public internet: a task can read whatever this allows. Default: nothing. */
  privateHosts?: PrivateHosts | undefined;
  /** Leave names that cannot be resolved here to the proxy of the environment. Default `false`: they are refused. */
  proxyResolves?: boolean | undefined;
  /** In each stretch of this many milliseconds, 1000 bytes a second have to come. Default 8000. */
  windowMs?: number;
  /** From this moment on, in milliseconds, 50,000 bytes a second must have come on average. Default 60000. */
  graceMs?: number;
  /** Of the pauses between two tries. */
  clock?: Clock;
}
