// Statements on the tables of keys, and of what is set for their owners.
import type { Sql } from '../../database/database.ts';
import type { LimitValues } from '../limits/limits.ts';

/** What a key is for. */
export type KeyRole = 'consumer' | 'miner' | 'operator';

/** A key with everything that limits it. */
export interface KeyRow {
  hash: string;
  key_id: string;
  role: KeyRole;
  owner: string;
  created_at: Date;
  /** When it ends by itself. */
  valid_until: Date | null;
  /** When it was used last, to the minute. */
  used_at: Date | null;
  /** What the key itself sets. */
  own: LimitValues;
  /** What is set for its owner. */
  of_owner: LimitValues;
  /** What each key of the owner sets, this one included. */
  of_keys: LimitValues[];
}

/** What a key sets. Replicas of the version before know the two columns alone. */
const valuesOf = (key: string) => `(jsonb_strip_nulls(jsonb_build_object(
  'open_tasks', ${key}.max_open_tasks, 'tasks_per_minute', ${key}.max_tasks_per_minute)) || ${key}.limits)`;

/** A key that has not expired. */
export const IS_VALID = '(valid_until IS NULL OR valid_until > now())';

const COLUMNS = `hash, key_id, role, owner, created_at, valid_until, used_at, ${valuesOf('key')} AS own,
  coalesce((SELECT limits FROM heurist.owner_limit AS row WHERE row.role = key.role AND row.owner = key.owner), '{}') AS of_owner`;

/** Keys by their hashes, or their ids. */
export async function findKeys(
  sql: Sql,
  hashes: readonly string[],
  key_ids: readonly string[] = [],
): Promise<KeyRow[]> {
  return await sql.query<KeyRow>(
    `SELECT ${COLUMNS}, (SELECT jsonb_agg(DISTINCT ${valuesOf('other')}) FROM heurist.api_key AS other
       WHERE other.role = key.role AND other.owner = key.owner AND ${IS_VALID}) AS of_keys
     FROM heurist.api_key AS key WHERE hash = ANY($1) OR key_id = ANY($2::uuid[])`,
    [[...new Set(hashes)], [...new Set(key_ids)]],
  );
}

/** All keys, newest first, those that have expired lately too. */
export async function listKeys(sql: Sql): Promise<KeyRow[]> {
  const query = `SELECT ${COLUMNS}, ${IS_VALID} AS is_valid FROM heurist.api_key AS key ORDER BY created_at DESC`;
  const rows = await sql.query<Omit<KeyRow, 'of_keys'> & { is_valid: boolean }>(query);
  const valid = rows.filter(({ is_valid }) => is_valid);
  const byOwner = Map.groupBy(valid, ({ role, owner }) => `${role} ${owner}`);
  return rows.map((row) => ({
    ...row,
    of_keys: byOwner.get(`${row.role} ${row.owner}`)?.map(({ own }) => own) ?? [],
  }));
}

/** Returns its id. */
export async function insertKey(
  sql: Sql,
  { hash, role, owner, valid_until }: Pick<KeyRow, 'hash' | 'role' | 'owner' | 'valid_until'>,
  limits: LimitValues,
): Promise<string> {
  const [row] = await sql.query<{ key_id: string }>(
    `INSERT INTO heurist.api_key (hash, role, owner, valid_until, limits, max_open_tasks, max_tasks_per_minute)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING key_id`,
    [hash, role, owner, valid_until, JSON.stringify(limits), ...columnsOf(limits)],
  );
  return row!.key_id;
}

/** What happened to a key: `last` is the last operator's key that does not expire, which stays as it is. */
type Outcome = 'done' | 'last' | 'missing';

/** Locked together, so that two operators cannot end each other's keys at one moment. */
const LASTING_OPERATORS = `operator AS (
  SELECT key_id FROM heurist.api_key WHERE role = 'operator' AND valid_until IS NULL ORDER BY key_id FOR UPDATE
)`;
const IS_LAST = `role = 'operator' AND valid_until IS NULL AND (SELECT count(*) FROM operator) < 2`;

export async function deleteKey(sql: Sql, key_id: string): Promise<Outcome> {
  const [target] = await sql.query<{ is_last: boolean }>(
    `WITH ${LASTING_OPERATORS},
      target AS (SELECT key_id, ${IS_LAST} AS is_last FROM heurist.api_key WHERE key_id = $1),
      gone AS (DELETE FROM heurist.api_key USING target WHERE api_key.key_id = target.key_id AND NOT is_last)
      SELECT is_last FROM target`,
    [key_id],
  );
  return outcomeOf(target);
}

/** Sets when a key ends; `null` for never. */
export async function setKeyEnd(sql: Sql, key_id: string, valid_until: Date | null): Promise<Outcome> {
  const [target] = await sql.query<{ is_last: boolean }>(
    `WITH ${LASTING_OPERATORS},
      target AS (
        SELECT key_id, $2::timestamptz IS NOT NULL AND ${IS_LAST} AS is_last FROM heurist.api_key WHERE key_id = $1
      ),
      changed AS (
        UPDATE heurist.api_key SET valid_until = $2::timestamptz FROM target
        WHERE api_key.key_id = target.key_id AND NOT is_last
      )
      SELECT is_last FROM target`,
    [key_id, valid_until],
  );
  return outcomeOf(target);
}

function outcomeOf(target: { is_last: boolean } | undefined): Outcome {
  if (!target) return 'missing';
  return target.is_last ? 'last' : 'done';
}

/** Writes down when keys were used, each once a minute at most, over all replicas. */
export async function recordUses(sql: Sql, uses: ReadonlyMap<string, number>): Promise<void> {
  await sql.query(
    `UPDATE heurist.api_key AS key SET used_at = used.at
     FROM (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS row(key_id, at)) AS used
     WHERE key.key_id = used.key_id AND (key.used_at IS NULL OR key.used_at <= used.at - interval '1 minute')`,
    [[...uses.keys()], [...uses.values()].map((at) => new Date(at))],
  );
}

/** Forgets keys that expired long ago. */
export async function deleteExpiredKeys(sql: Sql, days: number): Promise<void> {
  await sql.query(`DELETE FROM heurist.api_key WHERE valid_until < now() - $1 * interval '1 day'`, [days]);
}

export async function roleOf(sql: Sql, key_id: string): Promise<KeyRole | undefined> {
  const [row] = await sql.query<{ role: KeyRole }>('SELECT role FROM heurist.api_key WHERE key_id = $1', [key_id]);
  return row?.role;
}

/** Sets limits of a key; `null` takes one back. */
export async function setKeyLimits(sql: Sql, key_id: string, changes: Record<string, number | null>): Promise<void> {
  const { open_tasks, tasks_per_minute } = changes;
  await sql.query(
    `UPDATE heurist.api_key AS key SET limits = jsonb_strip_nulls(${valuesOf('key')} || $2::jsonb),
       max_open_tasks = CASE WHEN $3 THEN $5::int ELSE max_open_tasks END,
       max_tasks_per_minute = CASE WHEN $4 THEN $6::int ELSE max_tasks_per_minute END
     WHERE key_id = $1`,
    [
      key_id,
      JSON.stringify(changes),
      open_tasks !== undefined,
      tasks_per_minute !== undefined,
      ...columnsOf({ ...(open_tasks && { open_tasks }), ...(tasks_per_minute && { tasks_per_minute }) }),
    ],
  );
}

/** Sets limits of an owner; `null` takes one back. Returns whether it has a key of this role. */
export async function setOwnerLimits(
  sql: Sql,
  { role, owner }: Pick<KeyRow, 'role' | 'owner'>,
  changes: Record<string, number | null>,
): Promise<boolean> {
  const rows = await sql.query(
    `INSERT INTO heurist.owner_limit AS row (role, owner, limits)
     SELECT $1, $2, jsonb_strip_nulls($3::jsonb) WHERE EXISTS (SELECT FROM heurist.api_key WHERE role = $1 AND owner = $2)
     ON CONFLICT (role, owner) DO UPDATE SET limits = jsonb_strip_nulls(row.limits || $3::jsonb) RETURNING role`,
    [role, owner, JSON.stringify(changes)],
  );
  return rows.length > 0;
}

/** For replicas of the version before. */
function columnsOf({ open_tasks, tasks_per_minute }: LimitValues): (number | null)[] {
  const column = (value: number | undefined) => (value === undefined ? null : Math.min(value, 2 ** 31 - 1));
  return [column(open_tasks), column(tasks_per_minute)];
}
