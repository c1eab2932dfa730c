import type { Heurist } from '@heurist/core';
import type { DemoLimits } from './limits.ts';

/** What the routes work with. */
export interface DemoServices {
  /** Holds the key, which never reaches the page. */
  heurist: Heurist;
  /** Address of the network. */
  workflowURL: string;
  limits: DemoLimits;
  /** Fires when the server closes, to end open streams. */
  closing: AbortSignal;
}
