import { HeuristError } from '@heurist/core';
import { readBody } from '@heurist/server-kit/read-body';
import type { Context } from 'hono';
import type * as z from 'zod/mini';
import { checkJson } from '../database/check-json.ts';
import { requireCaller, requireMiner } from './authenticate.ts';
import { callsOf } from './document/calls.ts';
import type { SequencerServices } from './services.ts';

type Limits = Pick<SequencerServices, 'limits'>;

/**
 * Reads and checks the body of a request.
 *
 * @param partOf - what of the body is checked here, if the rest is checked item by item. Default: all
 * @throws {HeuristError} `invalid_request`, naming each field that is wrong
 */
export async function readRequest<T>(
  c: Context,
  services: Limits,
  schema: z.ZodMiniType<T>,
  partOf: (body: unknown) => unknown = (body) => body,
): Promise<T> {
  return await check(c.req, services, schema, partOf);
}

/**
 * Checks one item of a request for many as a request of its own.
 *
 * @throws {HeuristError} `invalid_request`, as {@link readRequest}
 */
export async function readItem<T>(item: unknown, services: Limits, schema: z.ZodMiniType<T>): Promise<T> {
  return await check({ json: async () => item }, services, schema, (body) => body);
}

/** A body without its items, each of which {@link readItem} checks alone. */
export function without(items: string): (body: unknown) => unknown {
  return (body) =>
    typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body, [items]: undefined } : body;
}

async function check<T>(
  request: { json(): Promise<unknown> },
  { limits }: Limits,
  schema: z.ZodMiniType<T>,
  partOf: (body: unknown) => unknown,
): Promise<T> {
  const precheck = (body: unknown) => checkJson(partOf(body), limits.jsonLevels);
  const { data, problems } = await readBody(request, schema, precheck, limits.problems);
  if (problems) throw new HeuristError(`Invalid request: ${problems.join('; ')}.`, { code: 'invalid_request' });
  return data;
}

/** Bodies up to this size, in bytes, cost less to check than a key. */
const SMALL_BYTES = 20_000;
const CONSUMER_CALLS = callsOf('consumer');
/** Consumers' calls that operators may make too. */
const OPERATOR_CALL = /^\/session_revoke$/;
const MINER_CALLS = callsOf('miner');

/**
 * Checks the key of a large request before its fields: a stranger's megabyte of wrong fields must not cost half a second. The routes
 * check again, whatever the size.
 *
 * @throws {HeuristError} `unauthorized`, `forbidden`
 */
export async function checkKeyFirst(c: Context, services: SequencerServices): Promise<void> {
  const declared = c.req.header('content-length');
  const bytes = declared === undefined ? (await c.req.arrayBuffer()).byteLength : Number(declared);
  if (bytes <= SMALL_BYTES) return;
  const name = c.req.path.slice(1);
  // reference miners have no key, and nothing so large to say
  if (MINER_CALLS.has(name)) await requireMiner(c, services);
  if (!CONSUMER_CALLS.has(name)) return;
  const body: unknown = await c.req.json().catch(() => undefined);
  const { api_key, consumer_id } = (body ?? {}) as Record<string, unknown>;
  const credentials = { api_key: textOf(api_key), consumer_id: textOf(consumer_id) };
  await requireCaller(c, services, credentials, OPERATOR_CALL.test(c.req.path) ? ['consumer', 'operator'] : 'consumer');
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);
