import { randomUUID } from 'node:crypto';
import type { Caller, Stranger } from './stranger.ts';

const WORKFLOWS = ['paint'];
/** How long a claim waits for work. */
const WAIT_SECONDS = 2;

const claim = (me: Caller, workflow_ids: readonly string[] = WORKFLOWS) =>
  me.call('miner_request', { workflow_ids, wait_seconds: WAIT_SECONDS, claim_id: randomUUID() });

/** Takes whatever it gets and keeps it: its heartbeats come on time. */
const hoarder = (name: string, progress: (beat: number) => object | undefined): Stranger => ({
  name,
  role: 'miner',
  begin(me) {
    const leases = new Set<string>();
    let beat = 0;
    return async () => {
      beat++;
      const { body } = await claim(me);
      if (body.lease_id) leases.add(body.lease_id);
      for (const lease_id of leases) {
        const { status } = await me.call('miner_heartbeat', { lease_id, progress: progress(beat) });
        if (status && status !== 200) leases.delete(lease_id);
      }
    };
  },
});

/** Miners that harm, each with a key of its own. */
export const hostileMiners: readonly Stranger[] = [
  hoarder('hoarder', () => undefined),
  hoarder('pretender', (beat) => ({ percent: beat % 101, node: `step ${beat}` })),
  {
    name: 'naysayer',
    role: 'miner',
    begin: (me) => async () => {
      const { body } = await claim(me);
      const error = { code: 'invalid_input', message: 'It is bad.', is_retryable: false };
      if (body.lease_id) await me.call('miner_submit', { lease_id: body.lease_id, success: false, error });
    },
  },
  { name: 'dropper', role: 'miner', begin: (me) => () => claim(me) },
  {
    name: 'liar',
    role: 'miner',
    begin: (me) => async () => {
      const { body } = await claim(me);
      const { lease_id } = body;
      if (!lease_id) return;
      const preview = `data:image/svg+xml;base64,${'A'.repeat(300_000)}`;
      await me.call('miner_heartbeat', { lease_id, progress: { percent: 1e9, node: '\u001b]0;x\u0007', preview } });
      await me.call('miner_heartbeat', { lease_id, progress: { percent: 5, x: 'y'.repeat(900_000) } });
      const output = { kind: 'image', content_type: 'text/html', sha256: '0'.repeat(64), filename: '../\u202egnp.exe' };
      for (const bytes of [10e9, 1, 1, 1]) await me.call('miner_upload', { lease_id, ...output, bytes });
      await me.call('miner_submit', { lease_id, success: true, artifact_ids: Array(1000).fill(randomUUID()) });
      await me.call('miner_submit', { lease_id, success: true, artifact_ids: [], parameters: { x: 'y'.repeat(1e5) } });
    },
  },
  {
    name: 'boaster',
    role: 'miner',
    begin: (me) => () => {
      const ids = Array.from({ length: 1000 }, () => `made-up-${randomUUID()}`);
      const lacks = Object.fromEntries(ids.slice(0, 200).map((id) => [id, ['x'.repeat(900)]]));
      return me.call('miner_request', { workflow_ids: ids, wait_seconds: 0, lacks });
    },
  },
  {
    name: 'crowd',
    role: 'miner',
    begin: (me) => () =>
      Promise.all(
        Array.from({ length: 40 }, () =>
          me.call('miner_request', { workflow_ids: [`other-${randomUUID()}`, 'echo'], wait_seconds: 5 }),
        ),
      ),
  },
  {
    name: 'forger',
    role: 'miner',
    begin(me) {
      let lease = '';
      return async () => {
        const { body } = await claim(me, ['echo']);
        lease = body.lease_id ?? lease;
        const forged = [randomUUID(), `${lease}x`, Buffer.from('{"task_id":"x"}').toString('base64url')];
        for (const lease_id of forged) {
          await me.call('miner_heartbeat', { lease_id });
          await me.call('miner_submit', { lease_id, success: true, artifact_ids: [randomUUID()] });
        }
        await me.call('miner_submit', {
          task_id: randomUUID(),
          miner_id: 'miner0',
          success: true,
          result: 'javascript:x',
        });
      };
    },
  },
];
