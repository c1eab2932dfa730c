import { HeuristError } from '@heurist/core';
import type { Context } from 'hono';
import type { KeyRole } from '../access/keys/key-table.ts';
import { type Identity, nameRoles, requireRole } from '../access/keys/keys.ts';
import { legacyMinerId } from '../access/leases/legacy-miner-id.ts';
import { NOTHING_SET } from '../access/limits/caller-limits.ts';
import { isSessionToken } from '../access/sessions/session-token.ts';
import { scopeOfUser } from '../access/sessions/sessions.ts';
import { remoteOf } from './link-base.ts';
import type { SequencerServices } from './services.ts';

interface Credentials {
  consumer_id?: string | null | undefined;
  api_key?: string | null | undefined;
}

/**
 * The consumer that calls, or a page with the token of a session, or a server in the name of one end user.
 *
 * @throws {HeuristError} `unauthorized`; `forbidden` for the key of another role; `rate_limited` for an address that has tried too
 *   many keys
 */
export async function requireCaller(
  c: Context,
  services: SequencerServices,
  body: Credentials & { user_id?: string | null | undefined },
  role: KeyRole | readonly KeyRole[] = 'consumer',
): Promise<Identity> {
  const bearer = bearerOf(c);
  const key = body.api_key ?? bearer?.key ?? '';
  const owner = body.consumer_id ?? bearer?.owner;
  if (isSessionToken(key)) return await identifySession(c, services, key, owner);
  const identity = await identify(c, services, role, key, owner);
  return body.user_id ? { ...identity, scope: scopeOfUser(body.user_id) } : identity;
}

/** A token is checked without the database, so what is not signed by this network counts as any wrong key. */
async function identifySession(
  c: Context,
  { sessions, addresses, ownerCalls }: SequencerServices,
  token: string,
  owner: string | null | undefined,
): Promise<Identity> {
  const session = sessions.read(token);
  if (session && (!owner || owner === session.owner)) {
    const identity = await sessions.identify(session);
    ownerCalls.count(identity);
    return identity;
  }
  const remote = remoteOf(c);
  addresses.check(remote, 'failed');
  addresses.record(remote, 'failed');
  throw new HeuristError('The session token is not valid. Ask the server of your app for a new one.', {
    code: 'unauthorized',
  });
}

/**
 * The consumer that calls: its key is in the body, as the protocol has it, or in `Authorization: Bearer`.
 *
 * @throws {HeuristError} `unauthorized`; `forbidden` for a session, or the key of another role; `rate_limited` for an address that has
 *   tried too many keys
 */
export async function requireConsumer(c: Context, services: SequencerServices, body: Credentials): Promise<Identity> {
  return refuseSession(c, await requireCaller(c, services, body));
}

/**
 * The consumer or operator that calls.
 *
 * @throws {HeuristError} as {@link requireConsumer}
 */
export async function requireConsumerOrOperator(
  c: Context,
  services: SequencerServices,
  body: Credentials,
): Promise<Identity> {
  return refuseSession(c, await requireCaller(c, services, body, ['consumer', 'operator']));
}

function refuseSession(
  c: Context,
  identity: Identity,
  advice = 'Call it from the server of your app, with its key.',
): Identity {
  if (identity.session)
    throw new HeuristError(`A session token cannot call ${c.req.path.slice(1)}. ${advice}`, { code: 'forbidden' });
  return identity;
}

/**
 * The miner that calls, by `Authorization: Bearer minerId#key`. Reference miners have only an address that everybody can
 * see; they are accepted if the operator allows it.
 *
 * @throws {HeuristError} `unauthorized`; `forbidden` for the key of another role, or a session; `rate_limited` for an address that has
 *   tried too many keys
 */
export async function requireMiner(
  c: Context,
  services: SequencerServices,
  legacyId?: string | null,
): Promise<Identity> {
  const bearer = bearerOf(c);
  if (!bearer && services.allowLegacyMiners && legacyId)
    return { role: 'miner', owner: legacyMinerId(legacyId), key_id: '', limits: NOTHING_SET };
  return await identify(c, services, 'miner', bearer?.key, bearer?.owner).catch((error) => {
    throw !bearer && legacyId ? explainRefusal(error, services, legacyId) : error;
  });
}

/** It cannot tell its operator more than a status, so the log of this network does. */
function explainRefusal(error: unknown, { warnSeldom }: SequencerServices, miner_id: string): unknown {
  if (!HeuristError.isInstance(error) || error.code !== 'unauthorized') return error;
  const message =
    'Reference miners, which send no key, are not accepted here. Run a Heurist miner, with a key, or ask the operator to start the sequencer with --allow-legacy-miners.';
  warnSeldom('reference miner', 'a reference miner was refused: --allow-legacy-miners accepts them', { miner_id });
  return new HeuristError(message, { code: 'unauthorized' });
}

/**
 * The operator that calls, by `Authorization: Bearer operatorId#key`.
 *
 * @throws {HeuristError} `unauthorized`; `forbidden` for the key of another role, or a session; `rate_limited` for an address that has
 *   tried too many keys
 */
export async function requireOperator(c: Context, services: SequencerServices): Promise<Identity> {
  const bearer = bearerOf(c);
  return await identify(c, services, 'operator', bearer?.key, bearer?.owner);
}

/**
 * Looks a key up. An address that has tried too many invalid ones goes on only with keys that were valid lately: whoever shares
 * the address of a stranger goes on working.
 */
async function identify(
  c: Context,
  services: SequencerServices,
  role: KeyRole | readonly KeyRole[],
  key = '',
  owner?: string | null,
): Promise<Identity> {
  // routes of consumers have taken it before
  if (isSessionToken(key))
    return refuseSession(c, await identifySession(c, services, key, owner), `It needs ${nameRoles(role)} key.`);
  const { keys, addresses, ownerCalls } = services;
  const remote = remoteOf(c);
  if (!keys.isKnown(key)) addresses.check(remote, 'failed');
  const identity = await keys.find(key, owner).catch((error) => {
    if (HeuristError.isInstance(error) && error.code === 'unauthorized') addresses.record(remote, 'failed');
    throw error;
  });
  ownerCalls.count(identity);
  return requireRole(identity, role);
}

function bearerOf(c: Context): { owner: string | undefined; key: string } | undefined {
  const [, token] = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '') ?? [];
  if (!token) return undefined;
  const [owner, key] = token.split('#');
  return key === undefined ? { owner: undefined, key: token } : { owner, key };
}

/**
 * Middleware for what needs no key: what is counted is where the calls come from.
 *
 * @throws {HeuristError} `rate_limited`
 */
export async function limitAddress(
  c: Context,
  { addresses }: SequencerServices,
  next: () => Promise<void>,
): Promise<void> {
  const remote = remoteOf(c);
  addresses.check(remote, 'keyless');
  addresses.record(remote, 'keyless');
  await next();
}
