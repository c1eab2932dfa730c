// The script of a page.
import type { HeuristOptions } from '@heurist/core';
import { useNetwork } from './use-network.ts';

const appPage = {
  /** Resolves with `done`, or with what went wrong. */
  async use(options: HeuristOptions): Promise<string> {
    try {
      await useNetwork(options);
      return 'done';
    } catch (error) {
      return `${(error as Error).stack}`;
    }
  },
};
Object.assign(globalThis, { appPage });
