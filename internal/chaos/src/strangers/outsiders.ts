import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stranger } from './stranger.ts';

/** How long a dripping request is kept up. */
const DRIPS = 20;

/** People without a key. */
export const outsiders: readonly Stranger[] = [
  {
    name: 'guesser',
    role: 'nobody',
    begin: (me) => () => me.call('network_status', {}, `somebody#${me.random()}`),
  },
  {
    name: 'scribbler',
    role: 'nobody',
    begin: (me) => () =>
      me.call('task_create', JSON.stringify({ task_type: 1, task_details: 2, webhook_url: ['x'.repeat(900_000)] })),
  },
  {
    name: 'hauler',
    role: 'nobody',
    begin: (me) => () =>
      me.send(`${me.url}/task_create`, {
        method: 'POST',
        body: new Blob([new Uint8Array(3_000_000)]).stream(),
        duplex: 'half',
      }),
  },
  {
    name: 'dripper',
    role: 'nobody',
    begin: (me) => async () => {
      const { hostname, port } = new URL(me.url);
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {});
      socket.write(
        'POST /task_create HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 900000\r\n\r\n',
      );
      for (let drip = 0; drip < DRIPS && !me.signal.aborted && !socket.destroyed; drip++) {
        socket.write(' ');
        await sleep(250);
      }
      socket.destroy();
    },
  },
];
