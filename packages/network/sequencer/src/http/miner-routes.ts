import { HeuristError } from '@heurist/core';
import { minerHeartbeatSchema, minerRequestSchema, minerSubmitSchema, minerUploadSchema } from '@heurist/core/protocol';
import type { Context, Hono } from 'hono';
import { decodeLease, encodeLease, type Lease } from '../access/tokens.ts';
import { ClaimDesk } from '../tasks/claim-desk.ts';
import type { Claim } from '../tasks/dispatch.ts';
import { traceWait } from '../tasks/tracing.ts';
import { originOf, readBody, requireMiner, type Services } from './context.ts';

/** A lease text is good for at most this long; heartbeats decide before. */
const LEASE_TEXT_SECONDS = 24 * 3600;

/** The calls of miners: claim, heartbeat, upload, submit. */
export function addMinerRoutes(app: Hono, services: Services): void {
  const { tasks, artifacts, previews, miners, logger } = services;
  const desk = new ClaimDesk((workflow_ids, claimants) => tasks.claim(workflow_ids, claimants), services.bus);

  app.post('/miner_request', async (c) => {
    const body = await readBody(c, minerRequestSchema);
    const { owner } = await requireMiner(c, services, body.erc20_address);
    await miners.offers(owner, body.workflow_ids, body.lacks);
    const gone = AbortSignal.any([c.req.raw.signal, services.closing]);
    const claimant = { miner_id: owner, claim_id: body.claim_id };
    const found =
      (await tasks.findClaim(claimant)) ??
      (await desk.claim(body.workflow_ids, claimant, (body.wait_seconds ?? 0) * 1000, gone));
    if (c.req.raw.signal.aborted) await miners.leaves(owner);
    if (!found) return c.json({ task_id: null, msg: 'There is no task for these workflows now.' });
    const { task, claim } = found;
    logger.info('task claimed', { task_id: task.task_id, miner_id: owner, attempt: task.attempt });
    traceWait(task, owner);
    const expires = Math.floor(Date.now() / 1000) + LEASE_TEXT_SECONDS;
    return c.json({
      task_id: task.task_id,
      msg: '',
      task_type: task.task_type,
      workflow_id: task.workflow_id,
      task_details: artifacts.refreshAddresses(task.task_details, originOf(c, services)),
      lease_id: encodeLease({ ...claim, miner_id: owner, expires }, services.signer),
      heartbeat_seconds: services.leaseSeconds / 3,
      ...(task.traceparent && { traceparent: task.traceparent }),
    });
  });

  app.post('/miner_heartbeat', async (c) => {
    const { lease_id, progress } = await readBody(c, minerHeartbeatSchema);
    const claim = await requireLease(c, services, lease_id);
    await miners.isAtWork(claim.miner_id);
    if (!progress) return c.json(await tasks.heartbeat(claim, undefined));
    const { preview, ...rest } = progress;
    if (preview) await previews.set(claim.task_id, preview);
    return c.json(await tasks.heartbeat(claim, rest));
  });

  app.post('/miner_upload', async (c) => {
    const { lease_id, filename, kind, content_type, bytes, sha256, node_id, width, height } = await readBody(
      c,
      minerUploadSchema,
    );
    const claim = await requireLease(c, services, lease_id);
    await tasks.checkLease(claim);
    const description = { filename, kind, content_type, bytes, sha256 };
    const facts = { ...(node_id && { node_id }), ...(width && { width }), ...(height && { height }) };
    const artifact_id = await artifacts.announce('miner', { ...description, ...facts }, claim);
    return c.json({ artifact_id, ...(await artifacts.uploadSlot(artifact_id, description, originOf(c, services))) });
  });

  app.post('/miner_submit', async (c) => {
    const body = await readBody(c, minerSubmitSchema);
    const claim = body.lease_id
      ? await requireLease(c, services, body.lease_id)
      : await legacyClaim(c, services, body.task_id, body.miner_id);
    const { task_id } = claim;
    if (body.success) {
      const artifact_ids = body.artifact_ids ?? [];
      if (body.lease_id) await requireStored(services, claim, artifact_ids);
      await tasks.finish(claim, {
        artifact_ids,
        parameters: body.parameters,
        models: body.models,
        versions: body.versions,
        upload_ms: body.upload_latency == null ? undefined : body.upload_latency * 1000,
        result: body.lease_id ? undefined : (body.result ?? undefined),
      });
    } else {
      const error = body.error ?? { code: 'execution_failed', message: body.msg || 'The miner gave no reason.' };
      await tasks.fail(claim, error);
      // what the next attempt shows first must be its own
      await previews.delete(task_id);
    }
    logger.info(body.success ? 'task finished' : 'attempt failed', { task_id, code: body.error?.code });
    return c.json({ task_id, msg: 'accepted' });
  });
}

async function requireLease(c: Context, services: Services, lease_id: string): Promise<Lease> {
  const { owner } = await requireMiner(c, services);
  const lease = decodeLease(lease_id, services.signer);
  if (lease?.miner_id === owner) return lease;
  throw new HeuristError('This lease is not valid, or not yours.', { code: 'lease_lost' });
}

/** Reference miners know no leases: their task is the one that they hold. */
async function legacyClaim(
  c: Context,
  services: Services,
  task_id: string | null | undefined,
  miner_id: string | null | undefined,
): Promise<Claim> {
  const { owner } = await requireMiner(c, services, miner_id);
  const task = await services.tasks.get(task_id ?? '');
  if (task.miner_id !== owner) throw new HeuristError('This task is not yours.', { code: 'lease_lost' });
  return { task_id: task.task_id, workflow_id: task.workflow_id, attempt: task.attempt - 1 };
}

/** A task is finished only with outputs that are really there, whole, and made under this lease. */
async function requireStored({ artifacts }: Services, claim: Claim, artifact_ids: string[]): Promise<void> {
  const found = (await artifacts.list(artifact_ids)).filter(
    ({ task_id, attempt }) => task_id === claim.task_id && attempt === claim.attempt,
  );
  const arrivals = await Promise.all(found.map((artifact) => artifacts.isStored(artifact)));
  const stored = arrivals.filter(Boolean);
  if (artifact_ids.length === 0 || stored.length < artifact_ids.length)
    throw new HeuristError(
      `${stored.length} of ${artifact_ids.length} outputs are stored. Upload each output before the submit.`,
      { code: 'invalid_request' },
    );
}
