import { Heurist, type HeuristError } from '@heurist/core';

/**
 * Reports a wrong address or key at the start, not to the first visitor. A network that is down may still come up.
 *
 * @param timeoutMs - how long to wait for the network. Default: 5 s
 * @throws {HeuristError} what is wrong with the address or the key
 */
export async function checkNetwork(workflowURL: string, apiKey: string, timeoutMs = 5000): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  await new Heurist({ workflowURL, apiKey }).workflow.networkStatus({ signal }).catch((error: HeuristError) => {
    // networks of the reference protocol send no codes with their refusals
    const isRefused = !error.isRetryable || error.code === 'unauthorized';
    if (!signal.aborted && isRefused && error.code !== 'not_found') throw error;
  });
}
