import { HeuristError, type TaskProgress } from '@heurist/core';
import { minerHeartbeatSchema } from '@heurist/core/protocol';
import type { Context } from 'hono';
import type { Identity } from '../../access/keys/keys.ts';
import { decodeLease, type Lease } from '../../access/leases/lease-token.ts';
import type { HeartbeatReply } from '../../tasks/attempts.ts';
import type { Claim } from '../../tasks/dispatch.ts';
import { requireMiner } from '../authenticate.ts';
import { readRequest } from '../read-request.ts';
import type { SequencerServices } from '../services.ts';

/** `POST /miner_heartbeat`: renews one lease. */
export async function renewLease(c: Context, services: SequencerServices): Promise<Response> {
  const { lease_id, progress } = await readRequest(c, services, minerHeartbeatSchema);
  const lease = requireLease(services, await requireMiner(c, services), lease_id);
  await services.miners.recordHeartbeat(lease.miner_id);
  return c.json(await renew(services, lease, progress));
}

/**
 * The lease that a miner holds, or held.
 *
 * @throws {HeuristError} `lease_lost`
 */
export function requireLease({ signer, sharedClock }: SequencerServices, miner: Identity, lease_id: string): Lease {
  const lease = decodeLease(lease_id, signer, sharedClock);
  if (lease?.miner_id === miner.owner) return lease;
  throw new HeuristError('This lease is not valid, or belongs to another miner. Claim another task.', {
    code: 'lease_lost',
  });
}

/**
 * Renews a lease and shows the progress.
 *
 * @throws {HeuristError} `lease_lost`
 */
export async function renew(
  services: SequencerServices,
  lease: Lease,
  progress: TaskProgress | undefined,
): Promise<HeartbeatReply> {
  const { previews, previewPace, bus } = services;
  if (!progress) return await beat(services, lease, undefined);
  const { preview, ...rest } = progress;
  // the lease comes first: a miner that has lost its task must not show anything in it
  const reply = await beat(services, lease, rest);
  if (preview && !reply.cancel && previewPace.admit(lease.task_id, preview.length)) {
    await previews.set(lease.task_id, preview);
    bus.publishTask(lease.task_id);
  }
  return reply;
}

async function beat({ attempts, counters }: SequencerServices, lease: Claim, progress: TaskProgress | undefined) {
  const reply = await attempts.heartbeat(lease, progress).catch((error) => {
    counters.countHeartbeat('refused');
    throw error;
  });
  counters.countHeartbeat(reply.cancel ? 'canceled' : 'renewed');
  return reply;
}
