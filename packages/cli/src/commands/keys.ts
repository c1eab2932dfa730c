import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeuristError } from '@heurist/core';
import { createTransport, keyListReplySchema, type Transport } from '@heurist/core/protocol';
import * as z from 'zod/mini';

/** Options of every `heurist keys`. */
export interface KeysOptions {
  sequencer: string;
  /** `operatorId#key`. Without one, that of the data folder. */
  key?: string;
  dataDir: string;
  allowInsecureHttp?: boolean;
}

/** A key to be made. */
export interface NewKey {
  role: string;
  owner: string;
  maxOpenTasks?: number;
  maxTasksPerMinute?: number;
}

/** Makes a key, and prints it: it cannot be read again. */
export async function createKey(
  { role, owner, maxOpenTasks: max_open_tasks, maxTasksPerMinute: max_tasks_per_minute }: NewKey,
  options: KeysOptions,
): Promise<void> {
  const body = { role, owner, max_open_tasks, max_tasks_per_minute };
  const { key } = await connect(options).call('key_create', body, z.looseObject({ key: z.string() }));
  process.stdout.write(`${key}\n`);
  process.stderr.write('This key is shown now and never again. In a .env file put it into quotes.\n');
}

/** Prints a line for each key. */
export async function listKeys(options: KeysOptions): Promise<void> {
  const { keys } = await connect(options).call('key_list', {}, keyListReplySchema);
  for (const { key_id, role, owner, created_at, max_open_tasks, max_tasks_per_minute } of keys) {
    const limits = [
      max_open_tasks && `${max_open_tasks} open tasks`,
      max_tasks_per_minute && `${max_tasks_per_minute} tasks a minute`,
    ].filter(Boolean);
    process.stdout.write(`${[key_id, role.padEnd(8), owner, created_at, ...limits].join('  ')}\n`);
  }
}

/** Makes a key useless. */
export async function revokeKey(key_id: string, options: KeysOptions): Promise<void> {
  await connect(options).call('key_revoke', { key_id }, z.looseObject({ key_id: z.string() }));
  process.stdout.write(`revoked ${key_id}\n`);
}

function connect({ sequencer, key, dataDir, allowInsecureHttp = false }: KeysOptions): Transport {
  const operator = key ?? readOperatorKey(join(dataDir, 'credentials.json'));
  return createTransport(sequencer, allowInsecureHttp, { authorization: `Bearer ${operator}` });
}

/** @throws {HeuristError} `invalid_configuration` */
function readOperatorKey(path: string): string {
  const { operator } = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  if (operator) return operator;
  throw new HeuristError(
    `No operator's key. Set HEURIST_OPERATOR_KEY, or name the sequencer's folder with --data-dir (${path} has none).`,
    { code: 'invalid_configuration' },
  );
}
