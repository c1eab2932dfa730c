import type { Heurist } from '@heurist/core';
import type { DemoLimits } from './limits.ts';
import type { Proxies } from './visitors/proxies.ts';

/** What the routes work with, beside the visitor who asks. */
export interface DemoServices {
  /** Asks for the state of the network, with the server's own key; `undefined` if it has none. */
  observer: Heurist | undefined;
  /** Address of the network. */
  workflowURL: string;
  /** Where programs of visitors reach it. */
  publicURL: string;
  limits: DemoLimits;
  proxies: Proxies;
  /** Fires when the server closes, to end open streams. */
  closing: AbortSignal;
}
