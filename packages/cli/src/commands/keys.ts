import { join } from 'node:path';
import {
  createTransport,
  keyListReplySchema,
  keyRotateReplySchema,
  printableLine,
  revokedSessionsSchema,
} from '@heurist/core/protocol';
import * as z from 'zod/mini';
import { readCredentials } from '../credentials-file.ts';
import { checkAddress, checkKey } from '../network/connection.ts';
import { type Context, explained } from '../network/explain-error.ts';
import { CALL_LIMIT_MS, withinLimit } from '../network/within-limit.ts';
import { CommandError } from '../output/command-error.ts';
import { textTable } from '../output/text-table.ts';

/** Options of every command that an operator calls a sequencer with. */
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
  /** Such as `streams=8`. */
  limit?: string[];
  /** ISO 8601. */
  expires?: string;
}

/** What to change of a key. */
export interface KeyChanges extends Pick<NewKey, 'maxOpenTasks' | 'maxTasksPerMinute' | 'limit'> {
  /** ISO 8601, or `never`. */
  expires?: string;
}

/** Limits to set. */
export interface NewLimits {
  /** The role of an owner, or `key`. */
  whose: string;
  /** The owner, or the id of the key. */
  name: string;
  /** Such as `streams=8`, or `streams=default`. */
  limits: string[];
}

/** Creates a key and prints it: it cannot be read again. */
export async function createKey(
  { role, owner, maxOpenTasks: max_open_tasks, maxTasksPerMinute: max_tasks_per_minute, limit = [], expires }: NewKey,
  options: KeysOptions,
): Promise<void> {
  const limits = limit.length ? readLimits(limit) : undefined;
  const body = { role, owner, max_open_tasks, max_tasks_per_minute, limits, expires_at: expires };
  const { key } = await callAsOperator(options, 'key_create', body, z.looseObject({ key: z.string() }));
  process.stdout.write(`${key}\n`);
  process.stderr.write(
    `This key is shown only once. In a .env file, put it in quotes.${expires ? ` It expires at ${expires}.` : ''}\n`,
  );
}

/** Changes the limits or the expiry of a key. */
export async function changeKey(
  key_id: string,
  { maxOpenTasks, maxTasksPerMinute, limit = [], expires }: KeyChanges,
  options: KeysOptions,
): Promise<void> {
  const limits = {
    ...(maxOpenTasks !== undefined && { open_tasks: maxOpenTasks }),
    ...(maxTasksPerMinute !== undefined && { tasks_per_minute: maxTasksPerMinute }),
    ...readLimits(limit),
  };
  const hasLimits = Object.keys(limits).length > 0;
  if (!hasLimits && expires === undefined)
    throw new CommandError('Nothing to change. Pass --limit NAME=NUMBER, --expires WHEN, or both.');
  const body = { key_id, ...(hasLimits && { limits }), expires_at: endOf(expires) };
  await callAsOperator(options, 'key_change', body, z.looseObject({}));
  process.stdout.write(`changed ${key_id}\n`);
}

/** `null` is for ever. */
const endOf = (expires: string | undefined) => (expires === 'never' ? null : expires);

/** Creates a key in the place of another, and prints it. */
export async function rotateKey(
  key_id: string,
  { overlap, expires }: { overlap: number } & Pick<KeyChanges, 'expires'>,
  options: KeysOptions,
): Promise<void> {
  const body = { key_id, overlap_seconds: overlap, expires_at: endOf(expires) };
  const { key, expires_at, old_expires_at } = await callAsOperator(options, 'key_rotate', body, keyRotateReplySchema);
  process.stdout.write(`${key}\n`);
  process.stderr.write(
    `This key is shown only once. In a .env file, put it in quotes.${expires_at ? ` It expires at ${printableLine(expires_at)}.` : ''} The old key is valid until ${printableLine(old_expires_at)}.\n`,
  );
}

/** Sets limits of an owner or a key. */
export async function setLimits({ whose, name, limits }: NewLimits, options: KeysOptions): Promise<void> {
  const target = whose === 'key' ? { key_id: name } : { role: whose, owner: name };
  await callAsOperator(options, 'key_limit', { ...target, limits: readLimits(limits) }, z.looseObject({}));
  process.stdout.write(`set for ${whose} ${name}: ${limits.join(', ')}\n`);
}

/**
 * `null` takes a limit back. The sequencer knows the names.
 *
 * @throws {CommandError}
 */
function readLimits(texts: readonly string[]): Record<string, number | null> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name = '', value = ''] = /^(\w+)=(\d+|default)$/.exec(text) ?? [];
      if (!name) throw new CommandError(`"${text}" is not a limit. Use NAME=NUMBER, such as open_tasks=500.`);
      return [name, value === 'default' ? null : Number(value)];
    }),
  );
}

/** Where a limit of a key comes from, if not from the network. */
const ORIGINS: Record<string, string> = {
  key: 'key',
  owner: 'owner',
  other_key: 'another key of the owner',
  network: 'network',
};

/** Prints one line per key with the limits that are its own or its owner's, and the limits of the network. */
export async function listKeys(options: KeysOptions): Promise<void> {
  const { keys, limits: network } = await callAsOperator(options, 'key_list', {}, keyListReplySchema);
  for (const { key_id, role, owner, created_at, expires_at, used_at, put_aside = [], ...key } of keys) {
    const hasExpired = expires_at !== undefined && Date.parse(expires_at) <= Date.now();
    const facts = [
      used_at ? `last used ${used_at}` : 'not used yet',
      ...(expires_at ? [`${hasExpired ? 'EXPIRED' : 'expires'} ${expires_at}`] : []),
      ...Object.entries(key.limits ?? olderLimits(key))
        .map(([name, { value, from }]) => `${name}=${value} (${ORIGINS[from] ?? from})`)
        .toSorted(),
      ...put_aside.map(({ workflow_id, until }) => `put aside for ${workflow_id}${until ? ` until ${until}` : ''}`),
    ];
    process.stdout.write(`${printableLine([key_id, role.padEnd(8), owner, created_at, ...facts].join('  '))}\n`);
  }
  if (!network) return;
  const rows = Object.entries(network).map(([name, limit]) => [`  ${name}`, `${limit}`]);
  const lines = textTable(rows).map((line) => printableLine(line));
  process.stdout.write(`\nLimits of the network, for all others:\n${lines.join('\n')}\n`);
}

/** Sequencers of version 0.1 list two limits. */
function olderLimits({
  max_open_tasks,
  max_tasks_per_minute,
}: {
  max_open_tasks?: number | undefined;
  max_tasks_per_minute?: number | undefined;
}) {
  const set = { open_tasks: max_open_tasks, tasks_per_minute: max_tasks_per_minute };
  return Object.fromEntries(
    Object.entries(set).flatMap(([name, value]) => (value === undefined ? [] : [[name, { value, from: 'key' }]])),
  );
}

/** Revokes a key. */
export async function revokeKey(key_id: string, options: KeysOptions): Promise<void> {
  await callAsOperator(options, 'key_revoke', { key_id }, z.looseObject({ key_id: z.string() }));
  process.stdout.write(`revoked ${key_id}\n`);
}

/** Revokes the session of a web page. */
export async function revokeSession(session_id: string, options: KeysOptions): Promise<void> {
  await callAsOperator(options, 'session_revoke', { session_id }, revokedSessionsSchema);
  process.stdout.write(`revoked session ${session_id}\n`);
}

/** Sends a call with the operator's key. */
export async function callAsOperator<T>(
  options: KeysOptions,
  name: string,
  body: object,
  schema: z.ZodMiniType<T>,
): Promise<T> {
  const { sequencer, key, dataDir, allowInsecureHttp = false } = options;
  const operator = key ? checkKey({ name: 'HEURIST_OPERATOR_KEY', value: key }) : readOperatorKey(dataDir);
  const address = { name: '--sequencer', value: sequencer };
  checkAddress(address, allowInsecureHttp);
  const transport = createTransport(sequencer, allowInsecureHttp, { authorization: `Bearer ${operator}` });
  const context: Context = { address, key: key ? 'HEURIST_OPERATOR_KEY' : '--data-dir' };
  return await explained(context, () =>
    withinLimit(CALL_LIMIT_MS, (signal) => transport.call(name, body, schema, { signal })),
  );
}

/** @throws {CommandError} */
function readOperatorKey(dataDir: string): string {
  const path = join(dataDir, 'credentials.json');
  const { operator } = readCredentials(path);
  if (operator) return operator;
  throw new CommandError(
    `No operator key. Set HEURIST_OPERATOR_KEY, or pass the sequencer's data folder with --data-dir (there is none in ${path}).`,
  );
}
