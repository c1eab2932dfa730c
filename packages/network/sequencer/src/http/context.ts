import { HeuristError } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Logger } from '@heurist/core/protocol';
import type { Context } from 'hono';
import type * as z from 'zod/mini';
import type { Identity, Keys } from '../access/keys.ts';
import type { Signer } from '../access/tokens.ts';
import type { Bus } from '../bus/bus.ts';
import type { Database } from '../database/database.ts';
import type { Artifacts } from '../files/artifacts.ts';
import type { LiveMiners } from '../tasks/live-miners.ts';
import type { Previews } from '../tasks/previews.ts';
import type { Retention } from '../tasks/retention.ts';
import type { RunTimes } from '../tasks/run-times.ts';
import { checkStorable } from '../tasks/storable.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { Webhooks } from '../tasks/webhooks.ts';

/** What the routes work on. */
export interface Services {
  database: Database;
  keys: Keys;
  tasks: Tasks;
  artifacts: Artifacts;
  previews: Previews;
  miners: LiveMiners;
  runTimes: RunTimes;
  webhooks: Webhooks;
  retention: Retention;
  bus: Bus;
  signer: Signer;
  logger: Logger;
  workflows: readonly WorkflowDefinition[];
  leaseSeconds: number;
  allowLegacyMiners: boolean;
  /** Address that goes into links; without one, the address that the caller used. */
  publicUrl: string | undefined;
  /** Fires when the server is closing, so that held requests end. */
  closing: AbortSignal;
}

/** The address to put into links for this caller. */
export function originOf(c: Context, { publicUrl }: Services): string {
  return publicUrl ?? new URL(c.req.url).origin;
}

/**
 * Reads and checks a request body.
 *
 * @throws {HeuristError} `invalid_request` naming every field that is wrong
 */
export async function readBody<T>(c: Context, schema: z.ZodMiniType<T>): Promise<T> {
  const body = await c.req.json().catch(() => {
    throw new HeuristError('The request body is no JSON.', { code: 'invalid_request' });
  });
  checkStorable(body);
  const { data, error } = schema.safeParse(body);
  if (!error) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new HeuristError(`Invalid request: ${problems.join('; ')}.`, { code: 'invalid_request' });
}

/**
 * The consumer that calls: by key in the body, as the protocol has it, or as `Authorization: Bearer`.
 *
 * @throws {HeuristError} `unauthorized`
 */
export async function requireConsumer(
  c: Context,
  { keys }: Services,
  body: { consumer_id?: string | null | undefined; api_key?: string | null | undefined },
): Promise<Identity> {
  const bearer = bearerOf(c);
  return await keys.identify('consumer', body.api_key ?? bearer?.key ?? '', body.consumer_id ?? bearer?.owner);
}

/**
 * The miner that calls: by `Authorization: Bearer minerId#key`. Reference miners have only an address that everybody
 * can see; they are let in where the operator has said so.
 *
 * @throws {HeuristError} `unauthorized`
 */
export async function requireMiner(c: Context, services: Services, legacyId?: string | null): Promise<Identity> {
  const bearer = bearerOf(c);
  if (!bearer && services.allowLegacyMiners && legacyId) return { role: 'miner', owner: legacyId, limits: {} };
  return await services.keys.identify('miner', bearer?.key ?? '', bearer?.owner);
}

/**
 * The operator that calls, by `Authorization: Bearer operatorId#key`.
 *
 * @throws {HeuristError} `unauthorized`
 */
export async function requireOperator(c: Context, { keys }: Services): Promise<Identity> {
  const bearer = bearerOf(c);
  return await keys.identify('operator', bearer?.key ?? '', bearer?.owner);
}

function bearerOf(c: Context): { owner: string | undefined; key: string } | undefined {
  const [, token] = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '') ?? [];
  if (!token) return undefined;
  const [owner, key] = token.split('#');
  return key === undefined ? { owner: undefined, key: token } : { owner, key };
}
