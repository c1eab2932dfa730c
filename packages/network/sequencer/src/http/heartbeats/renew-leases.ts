import { minerHeartbeatSchema, minerHeartbeatsSchema } from '@heurist/core/protocol';
import type { Context } from 'hono';
import type { Identity } from '../../access/keys/keys.ts';
import type { Lease } from '../../access/leases/lease-token.ts';
import type { HeartbeatReply } from '../../tasks/attempts.ts';
import { heartbeatSecondsAt } from '../../tasks/lease-time.ts';
import { admitItems } from '../admit-items.ts';
import { requireMiner } from '../authenticate.ts';
import type { ErrorReplies } from '../error-reply.ts';
import { readItem, readRequest, without } from '../read-request.ts';
import type { SequencerServices } from '../services.ts';
import { renew, requireLease } from './renew-lease.ts';

type Outcome = { lease: Lease; reply: HeartbeatReply } | { lease?: Lease; error: unknown };

/**
 * `POST /miner_heartbeats`: for each lease what `miner_heartbeat` answers, or its error. One that fails does not fail the others. With
 * `wait_seconds` the answer is held until one of the tasks must stop, or the next heartbeat is due.
 */
export async function renewLeases(
  c: Context,
  services: SequencerServices,
  describeError: ErrorReplies,
): Promise<Response> {
  const body = await readRequest(c, services, minerHeartbeatsSchema, without('heartbeats'));
  const miner = await requireMiner(c, services);
  const { heartbeats, wait_seconds = 0 } = body;
  admitItems(services, miner, 'heartbeats', heartbeats.length, 'heartbeats');
  await services.miners.recordHeartbeat(miner.owner);
  const read = await Promise.all(heartbeats.map((item) => readHeartbeat(item, services, miner)));
  const task_ids = read.flatMap((one) => ('lease' in one ? one.lease.task_id : []));
  const news = services.heldHeartbeats.listen(miner, task_ids);
  try {
    let outcomes = await Promise.all(read.map((one) => renewOne(services, one)));
    const ms = holdableMs(outcomes, wait_seconds * 1000);
    if (ms > 0) {
      const end = await news.hold(ms);
      if (end === 'key ended') {
        // what is remembered by the key itself may be younger, and of before its end
        services.keys.forget();
        await requireMiner(c, services);
      }
      if (end === 'unheard') outcomes = outcomes.map((one) => askSoon(services, one));
      if (end === 'stopped') outcomes = await Promise.all(outcomes.map((one) => lookAgain(services, one)));
    }
    return c.json({ results: outcomes.map((one) => ('reply' in one ? one.reply : { error: describe(one.error) })) });
  } finally {
    news.end();
  }

  function describe(error: unknown) {
    const { status, body } = describeError(error, c.req.path);
    return { ...body, status };
  }
}

type Read = { lease: Lease; progress: Awaited<ReturnType<typeof parse>>['progress'] } | { error: unknown };

const parse = (item: unknown, services: SequencerServices) => readItem(item, services, minerHeartbeatSchema);

async function readHeartbeat(item: unknown, services: SequencerServices, miner: Identity): Promise<Read> {
  try {
    const { lease_id, progress } = await parse(item, services);
    return { lease: requireLease(services, miner, lease_id), progress };
  } catch (error) {
    return { error };
  }
}

async function renewOne(services: SequencerServices, one: Read): Promise<Outcome> {
  if ('error' in one) return one;
  const { lease, progress } = one;
  return await renew(services, lease, progress).then(
    (reply) => ({ lease, reply }),
    (error) => ({ lease, error }),
  );
}

/** How long there is nothing to say: until the next heartbeat of one of them is due, if all go on. */
function holdableMs(outcomes: readonly Outcome[], waitMs: number): number {
  const due = outcomes.map((one) => ('reply' in one && !one.reply.cancel ? one.reply.heartbeat_seconds * 1000 : 0));
  return Math.min(waitMs, ...due);
}

/** A miner that cannot be told of a cancel asks as often as in a short run. */
function askSoon({ leaseSeconds }: SequencerServices, one: Outcome): Outcome {
  if (!('reply' in one) || one.reply.cancel) return one;
  return { ...one, reply: { cancel: false, heartbeat_seconds: heartbeatSecondsAt(0, leaseSeconds) } };
}

/** What has become of a task whose lease was renewed a while ago. */
async function lookAgain({ attempts }: SequencerServices, one: Outcome): Promise<Outcome> {
  if (!('reply' in one) || one.reply.cancel) return one;
  const { lease, reply } = one;
  return await attempts.checkRun(lease).then(
    (isCanceled) => (isCanceled ? { lease, reply: { cancel: true } as const } : { lease, reply }),
    (error) => ({ lease, error }),
  );
}
