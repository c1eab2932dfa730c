import { HeuristError } from '@heurist/core';
import {
  kindOfMedia,
  minerRequestSchema,
  minerSubmitSchema,
  minerUploadSchema,
  safeFilename,
} from '@heurist/core/protocol';
import type { Context, Hono } from 'hono';
import type * as z from 'zod/mini';
import type { Identity } from '../access/keys/keys.ts';
import type { LeaseLimits } from '../access/leases/lease-room.ts';
import { encodeLease } from '../access/leases/lease-token.ts';
import { isLegacyMiner } from '../access/leases/legacy-miner-id.ts';
import { limitsOf } from '../access/limits/caller-limits.ts';
import { LEASES_PER_SLOT, type NetworkLimits } from '../access/limits/limits.ts';
import { ASIDE, type Claimant, type ClaimedTask, FULL, isLeft, isTask } from '../tasks/claims.ts';
import type { Claim } from '../tasks/dispatch.ts';
import { heartbeatSecondsAt } from '../tasks/lease-time.ts';
import { LongPoll } from '../tasks/long-poll.ts';
import { TooManyTasks } from '../tasks/task-quota.ts';
import { traceWait } from '../tasks/tracing.ts';
import { explainPutAside, type PutAside } from '../tasks/trust/standings.ts';
import { boundHeld } from '../tasks/warm/fleet.ts';
import { clampLoad } from '../tasks/warm/knowledge.ts';
import { requireMiner } from './authenticate.ts';
import type { ErrorReplies } from './error-reply.ts';
import { renewLease, requireLease } from './heartbeats/renew-lease.ts';
import { renewLeases } from './heartbeats/renew-leases.ts';
import { explainLostOutput, renewLegacyLease, requireLegacyClaim, takeLegacyResult } from './legacy/legacy-miners.ts';
import { createUploadCredential } from './legacy/upload-credential.ts';
import { linkBaseOf } from './link-base.ts';
import { readRequest } from './read-request.ts';
import type { SequencerServices } from './services.ts';

/** When a miner that runs as many tasks as it may asks again. */
const LEASE_RETRY_SECONDS = 5;

/** No run lasts longer, so nothing in it did, whatever a miner says. */
const LONGEST_SECONDS = 86_400;

/** The calls of miners: claim, heartbeat, upload, submit. */
export function addMinerRoutes(app: Hono, services: SequencerServices, describeError: ErrorReplies): void {
  const { claims, bus } = services;
  const longPoll = new LongPoll(
    (workflow_ids, claimants) => claims.claim(workflow_ids, claimants),
    bus,
    undefined,
    (workflow_ids) => claims.findWork(workflow_ids),
    services.clock,
  );
  app.post('/miner_request', (c) => claimTask(c, services, longPoll));
  app.post('/miner_heartbeat', (c) => renewLease(c, services));
  app.post('/miner_heartbeats', (c) => renewLeases(c, services, describeError));
  app.post('/miner_upload', (c) => declareOutput(c, services));
  app.post('/miner_submit', (c) => endAttempt(c, services));
}

async function claimTask(c: Context, services: SequencerServices, longPoll: LongPoll): Promise<Response> {
  const { claims, miners, secondMiners, openRequests, counters, logger, closing } = services;
  const body = await readRequest(c, services, minerRequestSchema);
  const miner = await requireMiner(c, services, body.erc20_address);
  const { owner } = miner;
  const { own } = limitsOf(miner, services.limits);
  const known = boundOffers(body.workflow_ids, services, own);
  await miners.recordOffer(owner, known, body.lacks && boundLacks(body.lacks, services, own));
  const running = await renewLegacyLease(services, owner);
  if (running) return c.json(running);
  const { workflow_ids: offers, aside } = await secondMiners.allow(owner, known);
  const claimant = describeClaimant(miner, body, services);
  await recordModels(claimant, services, own);
  const request = await openRequests.open(miner, 'claim');
  const gone = AbortSignal.any([c.req.raw.signal, closing, request.signal]);
  const found = await claims
    .findClaim(claimant)
    .then((earlier) => earlier ?? longPoll.claim(offers, claimant, (body.wait_seconds ?? 0) * 1000, gone))
    .finally(request.release);
  if (request.signal.aborted && !found) await requireMiner(c, services, body.erc20_address);
  if (c.req.raw.signal.aborted) await miners.recordDisconnect(owner);
  counters.countClaim(isTask(found) ? 'task' : isLeft(found) ? 'none' : (found ?? 'none'));
  if (found === FULL) throw tooManyLeases(owner, claimant.leases);
  if (!isTask(found)) return c.json(await describeNoTask(services, owner, found === ASIDE ? known : aside));
  const { task_id, attempt } = found.task;
  logger.info('task claimed', { task_id, miner_id: owner, attempt });
  traceWait(found.task, owner);
  return c.json({ ...describeClaim(found, owner, linkBaseOf(c, services), services), max_outputs: own.outputs });
}

type ClaimRequest = z.infer<typeof minerRequestSchema>;

/** Who claims, and how many tasks it may run: with all of its keys, with this one, and on this machine. */
function describeClaimant(
  miner: Identity,
  { claim_id, slots, machine_id, warm }: ClaimRequest,
  { limits }: SequencerServices,
): Claimant & { leases: LeaseLimits } {
  const { owner, key_id } = miner;
  const { shared, own } = limitsOf(miner, limits);
  if (isLegacyMiner(owner)) return { miner_id: owner, key_id, leases: { owner: 1, key: 1, machine: 1 } };
  const machine = LEASES_PER_SLOT * (slots ?? own.undeclaredSlots);
  const leases = { owner: shared.leases, key: own.leases, machine };
  return { miner_id: owner, key_id, claim_id, machine_id, leases, warm: warm && boundHeld(warm, own.heldModels) };
}

/** What a machine holds, for the claims of others. One that says nothing is not known. */
async function recordModels(
  { miner_id, machine_id = '', warm }: Claimant,
  { fleet }: SequencerServices,
  { holdingMachines }: NetworkLimits,
): Promise<void> {
  if (warm) await fleet.record({ miner_id, machine_id }, warm, holdingMachines);
}

/** Not an empty answer: a miner would ask again at once. */
const tooManyLeases = (owner: string, { owner: all, key, machine }: LeaseLimits) =>
  new TooManyTasks(
    `${owner} runs as many tasks as it may: ${all} in all, ${key} with one key, ${machine} on this machine, twice its slots. A new miner begins with 16 and may run twice as many after each task that it finishes. Wait until one ends, declare more \`slots\`, or ask the operator for more.`,
    LEASE_RETRY_SECONDS,
  );

/** A miner without a task learns whether it is put aside. */
async function describeNoTask(
  { standings }: SequencerServices,
  owner: string,
  aside: readonly string[],
): Promise<{ task_id: null; msg: string; put_aside?: PutAside[] }> {
  const all = aside.length ? ((await standings.describe()).get(owner) ?? []) : [];
  const own = all.filter(({ workflow_id }) => aside.includes(workflow_id));
  if (!own.length) return { task_id: null, msg: 'There is no task for these workflows now.' };
  return { task_id: null, msg: own.map(explainPutAside).join(' '), put_aside: own };
}

/** The workflows that a miner offers and this network has: each once, and not more than the limit. */
function boundOffers(
  workflow_ids: readonly string[],
  { workflows }: SequencerServices,
  { offers }: NetworkLimits,
): string[] {
  const known = new Set(workflows.map(({ workflow_id }) => workflow_id));
  return [...new Set(workflow_ids)].filter((id) => known.has(id)).slice(0, offers);
}

/** What a miner lacks for workflows of this network: as much as the limit has room for. */
function boundLacks(
  lacks: Record<string, string[]>,
  { workflows }: SequencerServices,
  { lacksCharacters }: NetworkLimits,
): Record<string, string[]> {
  let room = lacksCharacters;
  const fits = (line: string) => {
    room -= line.length;
    return room >= 0;
  };
  const known = workflows.filter(({ workflow_id }) => Object.hasOwn(lacks, workflow_id));
  return Object.fromEntries(known.map(({ workflow_id }) => [workflow_id, lacks[workflow_id]!.filter(fits)]));
}

/** What a miner needs to run a task. */
function describeClaim(
  { task, claim }: ClaimedTask,
  miner_id: string,
  linkBase: string,
  { artifacts, signer, sharedClock, leaseSeconds }: SequencerServices,
) {
  const lease_id = encodeLease({ ...claim, miner_id }, signer, sharedClock);
  return {
    task_id: task.task_id,
    msg: '',
    task_type: task.task_type,
    workflow_id: task.workflow_id,
    ...(task.model_key && { model_key: task.model_key }),
    task_details: artifacts.refreshUrls(task.task_details, linkBase),
    file_origins: artifacts.originsOf(linkBase),
    lease_id,
    heartbeat_seconds: heartbeatSecondsAt(0, leaseSeconds),
    ...(task.traceparent && { traceparent: task.traceparent }),
    ...(isLegacyMiner(miner_id) && { credential: createUploadCredential(lease_id, { signer }) }),
  };
}

async function declareOutput(c: Context, services: SequencerServices): Promise<Response> {
  const { attempts, artifacts } = services;
  const body = await readRequest(c, services, minerUploadSchema);
  const { lease_id, content_type, bytes, sha256, node_id, width, height, text, truncated } = body;
  const miner = await requireMiner(c, services);
  const lease = requireLease(services, miner, lease_id);
  await attempts.checkLease(lease);
  // neither the name nor the kind is believed
  const filename = safeFilename(body.filename, content_type);
  const kind = kindOfMedia(content_type);
  const description = { filename, kind, content_type, bytes, sha256 };
  const words = kind === 'text' && text !== undefined && { text, ...(truncated && { truncated }) };
  const facts = { ...(node_id && { node_id }), ...(width && { width }), ...(height && { height }), ...words };
  const artifact_id = await artifacts.declare(
    'miner',
    { ...description, ...facts },
    { lease, ...declarerOf(miner, services) },
  );
  return c.json({ artifact_id, ...(await artifacts.uploadSlot(artifact_id, description, linkBaseOf(c, services))) });
}

const declarerOf = (miner: Identity, { limits }: SequencerServices) => ({
  key_id: miner.key_id,
  limits: limitsOf(miner, limits),
});

async function endAttempt(c: Context, services: SequencerServices): Promise<Response> {
  const body = await readRequest(c, services, minerSubmitSchema);
  const claim = body.lease_id
    ? requireLease(services, await requireMiner(c, services), body.lease_id)
    : await requireLegacyClaim(c, services, body);
  const { task_id } = claim;
  if (body.success) await finish(services, claim, body);
  else {
    if (!body.lease_id) explainLostOutput(services, claim, body.msg ?? '');
    const error = body.error ?? { code: 'execution_failed', message: body.msg || 'The miner gave no reason.' };
    // its held claims ask again, or one of them would get the same task
    services.openRequests.endClaims(claim.miner_id);
    await services.attempts.fail(claim, error);
    // the next attempt must not show a preview of this one
    await services.previews.delete(task_id);
  }
  services.logger.info(body.success ? 'task finished' : 'attempt failed', { task_id, code: body.error?.code });
  return c.json({ task_id, msg: 'accepted' });
}

type Submit = z.infer<typeof minerSubmitSchema>;

async function finish(services: SequencerServices, claim: Claim & { miner_id: string }, body: Submit): Promise<void> {
  const { lease_id, artifact_ids = [], truncated, parameters, models, versions, result } = body;
  const delivered = lease_id ? { artifact_ids } : await takeLegacyResult(services, claim, result);
  if (lease_id) await requireStored(services, claim, artifact_ids);
  await services.attempts.finish(claim, {
    ...delivered,
    truncated,
    parameters,
    models,
    versions,
    upload_ms: secondsOf(body.upload_latency, 1000),
    load_seconds: secondsOf(body.load_latency),
    load_ms: clampLoad(secondsOf(body.model_load_latency, 1000)),
  });
}

/** What a miner says that something took. */
function secondsOf(said: number | null | undefined, times = 1): number | undefined {
  return said == null ? undefined : Math.min(Math.max(said, 0), LONGEST_SECONDS) * times;
}

/** A task is finished only with outputs that are stored, whole, and were made under this lease. */
async function requireStored({ artifacts }: SequencerServices, claim: Claim, artifact_ids: string[]): Promise<void> {
  const found = (await artifacts.list(artifact_ids)).filter(
    ({ task_id, attempt }) => task_id === claim.task_id && attempt === claim.attempt,
  );
  const arrivals = await Promise.all(found.map((artifact) => artifacts.confirmStored(artifact)));
  const stored = arrivals.filter(Boolean);
  const isRepeated = new Set(artifact_ids).size < artifact_ids.length;
  if (artifact_ids.length === 0 || isRepeated || stored.length < artifact_ids.length)
    throw new HeuristError(
      `${stored.length} of ${artifact_ids.length} outputs are stored. Upload at least one output, each of them before the submit, and name each once.`,
      { code: 'invalid_request' },
    );
}
