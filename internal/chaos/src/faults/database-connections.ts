import { sleep } from '@heurist/server-kit/sleep';
import { FAULT_MS, type Fault } from './fault.ts';

/** Postgres notices only at a limit that a sequencer hangs in a transaction; the limits of both sides are 8 seconds. */
const HANG_MS = 9000;

const hasPostgres: Fault['canHappen'] = ({ postgres }) => postgres !== undefined;

export const databaseFaults: readonly Fault[] = [
  {
    name: 'lose database connections',
    meaning: 'nothing passes any more on connections to PostgreSQL, and nobody is told; new ones work',
    weight: 1,
    hangMs: HANG_MS,
    canHappen: hasPostgres,
    async cause({ postgres }) {
      postgres?.proxy.stallOpen();
    },
  },
  {
    name: 'stall the database',
    meaning: 'for a second new connections to PostgreSQL hang as well',
    weight: 1,
    hangMs: HANG_MS,
    canHappen: hasPostgres,
    async cause({ postgres }) {
      postgres?.proxy.setMode('stall');
      await sleep(FAULT_MS);
      postgres?.proxy.setMode('pass');
    },
  },
  {
    name: 'reset database connections',
    meaning: 'all connections to PostgreSQL are reset',
    weight: 2,
    pauseMs: 1000,
    canHappen: hasPostgres,
    async cause({ postgres }) {
      postgres?.proxy.resetOpen();
    },
  },
  {
    name: 'restart PostgreSQL',
    meaning: 'it is stopped at once and started again',
    weight: 1,
    pauseMs: 1000,
    canHappen: hasPostgres,
    async cause({ postgres }) {
      await postgres?.restart();
    },
  },
  {
    name: 'fail over',
    meaning: 'PostgreSQL is killed; its standby is found in recovery first, and promoted then',
    weight: 1,
    pauseMs: 1000,
    canHappen: hasPostgres,
    async cause({ postgres }) {
      await postgres?.failOver();
    },
  },
];
