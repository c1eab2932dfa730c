import { sleep } from '@heurist/server-kit/sleep';
import type { NetworkFault } from '@heurist/test-servers/fault-proxy';
import { pick } from '@heurist/test-servers/random';
import { FAULT_MS, type Fault } from './fault.ts';

/** Half of the calls to one replica suffer for a while, whatever they are: submits, waits, claims, uploads, reports. */
function onCalls(name: NetworkFault, meaning: string, weight: number): Fault {
  return {
    name,
    meaning,
    weight,
    async cause({ proxies }, random) {
      const { faults } = pick(random, proxies);
      faults.network = name;
      await sleep(FAULT_MS);
      faults.network = undefined;
    },
  };
}

export const callFaults: readonly Fault[] = [
  onCalls('lose replies', 'half of the calls to a replica are made, and their replies are lost', 3),
  onCalls('duplicate calls', 'half of the calls to a replica arrive twice', 3),
  onCalls('delay calls', 'half of the calls to a replica take up to 4 seconds longer', 2),
  onCalls('answer pages', 'a load balancer answers half of the calls with HTML: 403, 404, 502 or 200', 3),
];
