import { sleep } from '@heurist/server-kit/sleep';
import type { Network } from '../network.ts';
import { untilReady } from '../processes.ts';
import { type Fault, START_MS } from './fault.ts';

type DiskName = keyof Network['disks'];

const BROKEN_MS = 1000;
/** A file that is just being written keeps the disk from becoming read-only. */
const TRIES = 50;

function fill(name: Exclude<DiskName, 'data'>, meaning: string): Fault {
  return {
    name: `fill the disk of ${name}`,
    meaning,
    weight: 1,
    canHappen: ({ disks }) => disks[name] !== undefined,
    async cause({ disks }) {
      await disks[name]?.fill();
      await sleep(BROKEN_MS);
      await disks[name]?.free();
    },
  };
}

function makeReadOnly(name: DiskName, meaning: string): Fault {
  return {
    name: `make the disk of ${name} read-only`,
    meaning,
    weight: 1,
    canHappen: ({ disks }) => disks[name] !== undefined,
    async cause({ disks }) {
      for (let tries = 0; ; tries++) {
        const isDone = await disks[name]?.setReadOnly(true).then(
          () => true,
          () => false,
        );
        if (isDone) break;
        if (tries === TRIES) return;
        await sleep(20);
      }
      await sleep(BROKEN_MS);
      await disks[name]?.setReadOnly(false);
    },
  };
}

/** The lock file is written at each start. */
const fillData: Fault = {
  name: 'fill the disk of data',
  meaning:
    'no space for the embedded database; then process 1 is killed, and starts again without space for its lock file',
  weight: 1,
  pauseMs: 3000,
  canHappen: ({ disks }) => disks.data !== undefined,
  async cause({ disks, replicas }) {
    await disks.data?.fill();
    await sleep(BROKEN_MS);
    replicas[0]?.kill();
    await sleep(BROKEN_MS);
    await disks.data?.free();
    await untilReady(replicas, START_MS);
  },
};

export const diskFaults: readonly Fault[] = [
  fill('artifacts', 'no space for what miners deliver'),
  fill('journals', 'no space for what miners note about their work'),
  fillData,
  makeReadOnly('artifacts', 'what miners deliver cannot be written'),
  makeReadOnly('journals', 'miners can note nothing about their work'),
];
