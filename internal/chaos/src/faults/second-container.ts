import { once } from 'node:events';
import { sleep } from '@heurist/server-kit/sleep';
import { startProgram } from '../processes.ts';
import type { Fault } from './fault.ts';

const LIMIT_MS = 15_000;

export const secondContainer: Fault = {
  name: 'start a second container',
  meaning: 'another sequencer opens the folder of the embedded database, as process 1 too; it must be refused',
  weight: 1,
  canHappen: ({ disks, embeddedStart }) => disks.data !== undefined && embeddedStart !== undefined,
  async cause({ embeddedStart, replicas }) {
    // while the first one starts again, the second may be the faster one
    if (!embeddedStart || !replicas[0]?.isReady) return;
    const { restarts } = replicas[0];
    const [location = '', , ...args] = embeddedStart.args;
    const second = startProgram({ ...embeddedStart, args: [location, '0', ...args] });
    let words = '';
    second.stderr?.on('data', (data) => (words += data));
    const hasOpened = once(second, 'message').then(() => 'A second container opened the data folder of the first.');
    const outcome = await Promise.race([hasOpened, once(second, 'exit'), sleep(LIMIT_MS)]);
    second.kill('SIGKILL');
    if (replicas[0].restarts > restarts) return;
    if (typeof outcome === 'string') return outcome;
    if (!words.includes('in use')) return `A second container on the data folder ended otherwise: ${words}`;
  },
};
