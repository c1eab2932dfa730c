// Statements on the tables of keys, and of what is set for their owners.
import type { Sql } from '../database/database.ts';
import type { LimitValues } from './limits.ts';

/** What a key is for. */
export type KeyRole = 'consumer' | 'miner' | 'operator';

/** A key with everything that limits it. */
export interface KeyRow {
  hash: string;
  key_id: string;
  role: KeyRole;
  owner: string;
  created_at: Date;
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

const COLUMNS = `hash, key_id, role, owner, created_at, ${valuesOf('key')} AS own,
  coalesce((SELECT limits FROM heurist.owner_limit AS row WHERE row.role = key.role AND row.owner = key.owner), '{}') AS of_owner`;

/** Keys by their hashes, or their ids. */
export async function findKeys(
  sql: Sql,
  hashes: readonly string[],
  key_ids: readonly string[] = [],
): Promise<KeyRow[]> {
  return await sql.query<KeyRow>(
    `SELECT ${COLUMNS}, (SELECT jsonb_agg(DISTINCT ${valuesOf('other')}) FROM heurist.api_key AS other
       WHERE other.role = key.role AND other.owner = key.owner) AS of_keys
     FROM heurist.api_key AS key WHERE hash = ANY($1) OR key_id = ANY($2::uuid[])`,
    [[...new Set(hashes)], [...new Set(key_ids)]],
  );
}

/** All keys, newest first. */
export async function listKeys(sql: Sql): Promise<KeyRow[]> {
  const query = `SELECT ${COLUMNS} FROM heurist.api_key AS key ORDER BY created_at DESC`;
  const rows = await sql.query<Omit<KeyRow, 'of_keys'>>(query);
  const byOwner = Map.groupBy(rows, ({ role, owner }) => `${role} ${owner}`);
  return rows.map((row) => ({ ...row, of_keys: byOwner.get(`${row.role} ${row.owner}`)!.map(({ own }) => own) }));
}

export async function insertKey(
  sql: Sql,
  { hash, role, owner }: Pick<KeyRow, 'hash' | 'role' | 'owner'>,
  limits: LimitValues,
): Promise<void> {
  await sql.query(
    `INSERT INTO heurist.api_key (hash, role, owner, limits, max_open_tasks, max_tasks_per_minute)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [hash, role, owner, JSON.stringify(limits), ...columnsOf(limits)],
  );
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
