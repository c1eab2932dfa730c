import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { attemptOf, retryCountOf } from '../../database/retry-count.ts';
import type { Signer } from '../signer.ts';

/** How long the token of a lease can be used at most, in seconds. Without heartbeats the lease ends long before. */
const LEASE_TOKEN_SECONDS = 24 * 3600;

/** A miner's hold on a task, for one attempt. */
export interface Lease {
  task_id: string;
  workflow_id: string;
  /** From 1. Fences off a miner that comes back late. */
  attempt: number;
  miner_id: string;
}

/** What is signed. Miners hold tokens across upgrades, so its form stays: `attempt` counts from 0 here. */
interface Payload extends Lease {
  /** Seconds since 1970. */
  expires: number;
}

/** A lease as text for a miner: readable, but it cannot be forged. */
export function encodeLease(
  { task_id, workflow_id, attempt, miner_id }: Lease,
  signer: Signer,
  clock: Clock = systemClock,
): string {
  const expires = Math.floor(clock.now() / 1000) + LEASE_TOKEN_SECONDS;
  const payload: Payload = { task_id, workflow_id, attempt: retryCountOf(attempt), miner_id, expires };
  const body = Buffer.from(JSON.stringify(payload)).toString('base64url');
  return `${body}.${signer.sign(`lease:${body}`)}`;
}

/** The lease in a token, or `undefined` if the token has expired or was not signed by this network. */
export function decodeLease(token: string, signer: Signer, clock: Clock = systemClock): Lease | undefined {
  const [body = '', signature = ''] = token.split('.');
  if (!signer.isValid(`lease:${body}`, signature)) return undefined;
  const { attempt, expires, ...lease } = JSON.parse(Buffer.from(body, 'base64url').toString()) as Payload;
  return expires > clock.now() / 1000 ? { ...lease, attempt: attemptOf(attempt) } : undefined;
}
