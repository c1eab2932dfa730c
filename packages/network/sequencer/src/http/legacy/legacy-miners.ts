// What the sequencer does for miners of the reference implementation: they have no keys, leases and heartbeats.
import { HeuristError } from '@heurist/core';
import { safeFilename } from '@heurist/core/protocol';
import type { Context } from 'hono';
import { isLegacyMiner } from '../../access/leases/legacy-miner-id.ts';
import type { Claim } from '../../tasks/dispatch.ts';
import { requireMiner } from '../authenticate.ts';
import type { SequencerServices } from '../services.ts';

/** What it reports of an attempt. */
interface LegacyReport {
  task_id?: string | null | undefined;
  miner_id?: string | null | undefined;
}

type LegacyClaim = Claim & { miner_id: string };

/**
 * A reference miner asks every two seconds, and starts whatever it gets beside what it runs. So it gets one task at a time, and
 * asking is its heartbeat.
 *
 * @returns what it is told while it runs a task: it looks for the word "running"
 */
export async function renewLegacyLease(
  { claims, attempts, limits }: SequencerServices,
  miner_id: string,
): Promise<{ task_id: null; msg: string } | undefined> {
  if (!isLegacyMiner(miner_id)) return undefined;
  const claim = await claims.findRunning(miner_id);
  if (!claim) return undefined;
  // a miner that lost its task without knowing (a restart, a lost response) asks in the same way
  if (claim.run_seconds < limits.legacyRunSeconds) await attempts.heartbeat(claim, undefined).catch(ignoreLostLease);
  return { task_id: null, msg: `Task ${claim.task_id} is running here. A miner without a key runs one at a time.` };
}

function ignoreLostLease(error: unknown): void {
  if (!HeuristError.isInstance(error) || error.code !== 'lease_lost') throw error;
}

/**
 * The claim of a reference miner, which knows no leases: the task that it runs.
 *
 * @throws {HeuristError} `lease_lost`
 */
export async function requireLegacyClaim(
  c: Context,
  services: SequencerServices,
  report: LegacyReport,
): Promise<LegacyClaim> {
  const { owner } = await requireMiner(c, services, report.miner_id);
  const { task_id, workflow_id, attempt, miner_id } = await services.tasks.get(report.task_id ?? '');
  if (miner_id !== owner)
    throw new HeuristError('This task belongs to another miner. Claim another task.', { code: 'lease_lost' });
  return { task_id, workflow_id, attempt, miner_id };
}

/**
 * What a reference miner delivers: the file that it has uploaded here, by the name that it gave it, or a link. It submits once, so
 * what cannot be taken ends its attempt.
 *
 * @throws {HeuristError} `invalid_request`
 */
export async function takeLegacyResult(
  services: SequencerServices,
  claim: LegacyClaim,
  result: string | null | undefined,
): Promise<{ artifact_ids: string[]; result?: string }> {
  const artifact_id = await findUploaded(services, claim, result ?? '');
  if (artifact_id) return { artifact_ids: [artifact_id] };
  if (isLink(result ?? '')) return { artifact_ids: [], result: result ?? '' };
  await services.attempts.fail(claim, NOT_DELIVERED);
  explainLostOutput(services, claim, NOT_DELIVERED.code);
  throw new HeuristError(
    '`result` must be the name of a file that was uploaded here for this task, or an http(s) URL of the output, without spaces and names of users. The attempt is over.',
    { code: 'invalid_request' },
  );
}

const NOT_DELIVERED = {
  code: 'upload_failed',
  message: 'The miner delivered no file that this network can show. Submit it again later.',
  is_retryable: true,
};

async function findUploaded({ artifacts }: SequencerServices, claim: Claim, name: string): Promise<string | undefined> {
  for (const artifact of await artifacts.outputsOf(claim)) {
    const { filename, content_type } = artifact.description;
    if (filename === safeFilename(name, content_type) && (await artifacts.confirmStored(artifact)))
      return artifact.artifact_id;
  }
  return undefined;
}

/** A link is shown as it is. */
function isLink(result: string): boolean {
  const url = URL.parse(result);
  // as a name before the host could pass for one
  return !!url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !/\s/.test(result);
}

/** How it is said that an output did not arrive: the first two by reference miners. */
const NOT_STORED = new Set(['Upload failed', 'Missing credentials', NOT_DELIVERED.code]);

/** Tells the operator why a reference miner cannot deliver: neither it nor the consumer can know. */
export function explainLostOutput(
  { warnSeldom }: SequencerServices,
  { task_id, miner_id }: LegacyClaim,
  msg: string,
): void {
  if (!NOT_STORED.has(msg)) return;
  warnSeldom(
    `lost output ${miner_id}`,
    'a reference miner could not deliver: its upload address must lead to this sequencer, see "Reference miners" in docs/miner',
    { task_id, miner_id, msg },
  );
}
