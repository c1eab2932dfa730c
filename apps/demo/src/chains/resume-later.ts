import { storage } from '../data/browser-stores.ts';

/** Chains that ran when the page was left go on, on whichever page it is opened. Few visitors have one: the code loads on demand. */
export function resumeLater(): void {
  if (/"isRunning":true/.test(storage.getItem('heurist.chains') ?? ''))
    void import('./chains.ts').then(({ resumeChains }) => resumeChains());
}
