import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTransport, keyListReplySchema, printableLine } from '@heurist/core/protocol';
import * as z from 'zod/mini';
import { checkAddress } from '../network/connection.ts';
import { type Context, explained } from '../network/explain-error.ts';
import { CommandError } from '../output/command-error.ts';
import { textTable } from '../output/text-table.ts';

/** Options of every `heurist keys`. */
export interface KeysOptions {
  sequencer: string;
  /** `operatorId#key`. Default: the key in the data folder. */
  key?: string;
  dataDir: string;
  allowInsecureHttp?: boolean;
}

/** A key to create. */
export interface NewKey {
  role: string;
  owner: string;
  maxOpenTasks?: number;
  maxTasksPerMinute?: number;
}

/** Creates a key and prints it: it cannot be read again. */
export async function createKey(
  { role, owner, maxOpenTasks: max_open_tasks, maxTasksPerMinute: max_tasks_per_minute }: NewKey,
  options: KeysOptions,
): Promise<void> {
  const body = { role, owner, max_open_tasks, max_tasks_per_minute };
  const { key } = await call(options, 'key_create', body, z.looseObject({ key: z.string() }));
  process.stdout.write(`${key}\n`);
  process.stderr.write('This key is shown only once. In a .env file, put it in quotes.\n');
}

/** Prints one line per key, and the limits of the network. */
export async function listKeys(options: KeysOptions): Promise<void> {
  const { keys, limits: network } = await call(options, 'key_list', {}, keyListReplySchema);
  for (const { key_id, role, owner, created_at, max_open_tasks, max_tasks_per_minute, put_aside = [] } of keys) {
    const limits = [
      max_open_tasks && `${max_open_tasks} open tasks`,
      max_tasks_per_minute && `${max_tasks_per_minute} tasks per minute`,
      ...put_aside.map(({ workflow_id, until }) => `put aside for ${workflow_id}${until ? ` until ${until}` : ''}`),
    ].filter(Boolean);
    process.stdout.write(`${printableLine([key_id, role.padEnd(8), owner, created_at, ...limits].join('  '))}\n`);
  }
  if (!network) return;
  const rows = Object.entries(network).map(([name, limit]) => [`  ${name}`, `${limit}`]);
  const lines = textTable(rows).map(printableLine);
  process.stdout.write(`\nLimits of the network, if a key sets none:\n${lines.join('\n')}\n`);
}

/** Revokes a key. */
export async function revokeKey(key_id: string, options: KeysOptions): Promise<void> {
  await call(options, 'key_revoke', { key_id }, z.looseObject({ key_id: z.string() }));
  process.stdout.write(`revoked ${key_id}\n`);
}

/** Sends a call with the operator's key. */
async function call<T>(options: KeysOptions, name: string, body: object, schema: z.ZodMiniType<T>): Promise<T> {
  const { sequencer, key, dataDir, allowInsecureHttp = false } = options;
  const operator = key ?? readOperatorKey(join(dataDir, 'credentials.json'));
  const address = { name: '--sequencer', value: sequencer };
  checkAddress(address, allowInsecureHttp);
  const transport = createTransport(sequencer, allowInsecureHttp, { authorization: `Bearer ${operator}` });
  const context: Context = { address, key: key ? 'HEURIST_OPERATOR_KEY' : '--data-dir' };
  return await explained(context, () => transport.call(name, body, schema));
}

/** @throws {CommandError} */
function readOperatorKey(path: string): string {
  const { operator } = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  if (operator) return operator;
  throw new CommandError(
    `No operator key. Set HEURIST_OPERATOR_KEY, or pass the sequencer's data folder with --data-dir (there is none in ${path}).`,
  );
}
