import type { Context } from 'hono';
import type { Identity } from '../access/keys.ts';
import type { SequencerServices } from './services.ts';

/**
 * The consumer that calls: its key is in the body, as the protocol has it, or in `Authorization: Bearer`.
 *
 * @throws {HeuristError} `unauthorized`
 */
export async function requireConsumer(
  c: Context,
  { keys }: SequencerServices,
  body: { consumer_id?: string | null | undefined; api_key?: string | null | undefined },
): Promise<Identity> {
  const bearer = bearerOf(c);
  return await keys.identify('consumer', body.api_key ?? bearer?.key ?? '', body.consumer_id ?? bearer?.owner);
}

/**
 * The miner that calls, by `Authorization: Bearer minerId#key`. Reference miners have only an address that everybody can
 * see; they are accepted if the operator allows it. Their ids have a dash, which no owner of a key has: so they never stand
 * for a miner with a key.
 *
 * @throws {HeuristError} `unauthorized`
 */
export async function requireMiner(
  c: Context,
  { keys, allowLegacyMiners }: SequencerServices,
  legacyId?: string | null,
): Promise<Identity> {
  const bearer = bearerOf(c);
  if (!bearer && allowLegacyMiners && legacyId)
    return { role: 'miner', owner: `legacy-${legacyId}`, key_id: '', limits: {} };
  return await keys.identify('miner', bearer?.key ?? '', bearer?.owner);
}

/**
 * The operator that calls, by `Authorization: Bearer operatorId#key`.
 *
 * @throws {HeuristError} `unauthorized`
 */
export async function requireOperator(c: Context, { keys }: SequencerServices): Promise<Identity> {
  const bearer = bearerOf(c);
  return await keys.identify('operator', bearer?.key ?? '', bearer?.owner);
}

function bearerOf(c: Context): { owner: string | undefined; key: string } | undefined {
  const [, token] = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '') ?? [];
  if (!token) return undefined;
  const [owner, key] = token.split('#');
  return key === undefined ? { owner: undefined, key: token } : { owner, key };
}
