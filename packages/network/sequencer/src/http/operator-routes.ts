import { HeuristError } from '@heurist/core';
import {
  auditListSchema,
  keyChangeSchema,
  keyCreateSchema,
  keyLimitSchema,
  keyRevokeSchema,
  keyRotateSchema,
} from '@heurist/core/protocol';
import type { Context, Hono } from 'hono';
import type * as z from 'zod/mini';
import type { LimitTarget } from '../access/keys/keys.ts';
import { describeLimits } from '../access/limits/limits.ts';
import { actorOf } from '../access/operators/audit.ts';
import { requireOperator } from './authenticate.ts';
import { readRequest } from './read-request.ts';
import type { SequencerServices } from './services.ts';

/** How long a key stays good that was rotated, if nobody says. */
const OVERLAP_SECONDS = 24 * 3600;

/** The calls of operators: keys, and what was done with them. */
export function addOperatorRoutes(app: Hono, services: SequencerServices): void {
  app.post('/key_create', (c) => createKey(c, services));
  app.post('/key_list', (c) => listKeys(c, services));
  app.post('/key_limit', (c) => limitKeys(c, services));
  app.post('/key_change', (c) => changeKey(c, services));
  app.post('/key_rotate', (c) => rotateKey(c, services));
  app.post('/key_revoke', (c) => revokeKey(c, services));
  app.post('/audit_list', (c) => listAudit(c, services));
}

async function createKey(c: Context, services: SequencerServices): Promise<Response> {
  const operator = await requireOperator(c, services);
  const { role, owner, ...limits } = await readRequest(c, services, keyCreateSchema);
  const action = { action: 'key_create', target: { role, owner, ...limits } };
  const made = await services.audit.changeKeys(actorOf(operator), action, async (keys) => {
    const result = await keys.createWithId(role, owner, limits);
    return { result, done: { key_id: result.key_id } };
  });
  services.logger.info('key created', { role, owner, key_id: made.key_id, by: operator.owner });
  return c.json(made);
}

async function listKeys(c: Context, services: SequencerServices): Promise<Response> {
  await requireOperator(c, services);
  const aside = await services.standings.describe();
  const described = (await services.keys.list()).map((key) => {
    const put_aside = key.role === 'miner' ? aside.get(key.owner) : undefined;
    return { ...key, ...(put_aside && { put_aside }) };
  });
  return c.json({ keys: described, limits: describeLimits(services.limits) });
}

async function limitKeys(c: Context, services: SequencerServices): Promise<Response> {
  const operator = await requireOperator(c, services);
  const request = await readRequest(c, services, keyLimitSchema);
  const { limits } = request;
  const target = targetOf(request);
  const action = { action: 'key_limit', target: { ...target, limits } };
  await services.audit.changeKeys(actorOf(operator), action, async (keys) => ({
    result: await keys.setLimits(target, limits),
  }));
  services.logger.info('limits set', { ...target, limits, by: operator.owner });
  return c.json({ msg: 'set' });
}

async function changeKey(c: Context, services: SequencerServices): Promise<Response> {
  const operator = await requireOperator(c, services);
  const { key_id, limits, expires_at } = await readRequest(c, services, keyChangeSchema);
  if (!limits && expires_at === undefined)
    throw new HeuristError('Nothing to change: add `limits`, `expires_at`, or both.', { code: 'invalid_request' });
  const target = { key_id, ...(limits && { limits }), ...(expires_at !== undefined && { expires_at }) };
  await services.audit.changeKeys(actorOf(operator), { action: 'key_change', target }, async (keys) => {
    if (limits) await keys.setLimits({ key_id }, limits);
    if (expires_at !== undefined) await keys.setEnd(key_id, expires_at);
    return { result: undefined };
  });
  services.logger.info('key changed', { ...target, by: operator.owner });
  return c.json({ key_id, msg: 'changed' });
}

async function rotateKey(c: Context, services: SequencerServices): Promise<Response> {
  const operator = await requireOperator(c, services);
  const { key_id, overlap_seconds = OVERLAP_SECONDS, expires_at } = await readRequest(c, services, keyRotateSchema);
  const target = { key_id, overlap_seconds, ...(expires_at !== undefined && { expires_at }) };
  const action = { action: 'key_rotate', target };
  const made = await services.audit.changeKeys(actorOf(operator), action, async (keys) => {
    const result = await keys.rotate(key_id, overlap_seconds, expires_at);
    return { result, done: { new_key_id: result.key_id } };
  });
  services.logger.info('key rotated', { ...target, new_key_id: made.key_id, by: operator.owner });
  return c.json(made);
}

async function revokeKey(c: Context, services: SequencerServices): Promise<Response> {
  const operator = await requireOperator(c, services);
  const { key_id } = await readRequest(c, services, keyRevokeSchema);
  const action = { action: 'key_revoke', target: { key_id } };
  await services.audit.changeKeys(actorOf(operator), action, async (keys) => ({ result: await keys.revoke(key_id) }));
  services.logger.info('key revoked', { key_id, by: operator.owner });
  return c.json({ key_id, msg: 'revoked' });
}

async function listAudit(c: Context, services: SequencerServices): Promise<Response> {
  await requireOperator(c, services);
  return c.json(await services.audit.list(await readRequest(c, services, auditListSchema)));
}

/** @throws {HeuristError} `invalid_request` */
function targetOf({
  key_id,
  role,
  owner,
}: Pick<z.infer<typeof keyLimitSchema>, 'key_id' | 'role' | 'owner'>): LimitTarget {
  if (key_id !== undefined && !role && !owner) return { key_id };
  if (key_id === undefined && role && owner) return { role, owner };
  throw new HeuristError('Name either a key by `key_id`, or an owner by `role` and `owner`.', {
    code: 'invalid_request',
  });
}
