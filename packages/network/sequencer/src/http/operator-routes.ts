import { HeuristError } from '@heurist/core';
import { keyCreateSchema, keyLimitSchema, keyRevokeSchema } from '@heurist/core/protocol';
import type { Hono } from 'hono';
import type * as z from 'zod/mini';
import type { LimitTarget } from '../access/keys.ts';
import { describeLimits } from '../access/limits.ts';
import { requireOperator } from './authenticate.ts';
import { readRequest } from './read-request.ts';
import type { SequencerServices } from './services.ts';

/** The calls of operators: keys. */
export function addOperatorRoutes(app: Hono, services: SequencerServices): void {
  const { keys, standings, logger } = services;

  app.post('/key_create', async (c) => {
    const operator = await requireOperator(c, services);
    const { role, owner, ...limits } = await readRequest(c, services, keyCreateSchema);
    const key = await keys.create(role, owner, limits);
    logger.info('key created', { role, owner, by: operator.owner });
    return c.json({ key });
  });

  app.post('/key_list', async (c) => {
    await requireOperator(c, services);
    const aside = await standings.describe();
    const described = (await keys.list()).map((key) => {
      const put_aside = key.role === 'miner' ? aside.get(key.owner) : undefined;
      return { ...key, ...(put_aside && { put_aside }) };
    });
    return c.json({ keys: described, limits: describeLimits(services.limits) });
  });

  app.post('/key_limit', async (c) => {
    const operator = await requireOperator(c, services);
    const request = await readRequest(c, services, keyLimitSchema);
    const { limits } = request;
    const target = targetOf(request);
    await keys.setLimits(target, limits);
    logger.info('limits set', { ...target, limits, by: operator.owner });
    return c.json({ msg: 'set' });
  });

  app.post('/key_revoke', async (c) => {
    const operator = await requireOperator(c, services);
    const { key_id } = await readRequest(c, services, keyRevokeSchema);
    await keys.revoke(key_id);
    logger.info('key revoked', { key_id, by: operator.owner });
    return c.json({ key_id, msg: 'revoked' });
  });
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
