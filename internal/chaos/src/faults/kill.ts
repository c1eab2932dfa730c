import { pick } from '@heurist/test-servers/random';
import { untilReady } from '../processes.ts';
import { type Fault, START_MS } from './fault.ts';

export const killMiner: Fault = {
  name: 'kill a miner',
  meaning: 'SIGKILL; its supervisor starts it again',
  weight: 5,
  async cause({ miners }, random) {
    pick(random, miners).kill();
  },
};

/** Its database ends what it had begun as soon as the connections break. */
export const killReplica: Fault = {
  name: 'kill a replica',
  meaning:
    'SIGKILL for a sequencer; with an embedded database, for process 1 of its container, with the database in it',
  weight: 2,
  pauseMs: 1000,
  async cause({ replicas, postgres }, random) {
    const replica = pick(random, replicas);
    replica.kill();
    // without another one nothing happens until it is back, and it would never be with a fault each second
    if (!postgres) await untilReady([replica], START_MS);
  },
};
