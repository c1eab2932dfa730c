// Statements on the table of sessions: what is counted of them. Tokens are not stored.
import type { Sql } from '../../database/database.ts';
import { lockNames } from '../../database/lock-names.ts';
import { IS_VALID } from '../keys/key-table.ts';

/** A session, as it is recorded. */
export interface SessionRow {
  session_id: string;
  owner: string;
  key_id: string;
  user_id: string | null;
  max_tasks: number;
  max_files: number;
  expires_at: Date;
}

/** How many sessions are open now. */
export interface OpenSessions {
  of_owner: number;
  of_key: number;
  /** Of the same end user of the owner. */
  of_user: number;
}

/** Counts open sessions. Until the transaction ends, no other one counts or adds sessions of this owner. */
export async function countOpenSessions(
  sql: Sql,
  { owner, key_id, user_id }: Pick<SessionRow, 'owner' | 'key_id' | 'user_id'>,
): Promise<OpenSessions> {
  await lockNames(sql, [`sessions ${owner}`]);
  const [row] = await sql.query<OpenSessions>(
    `SELECT count(*)::int AS of_owner, count(*) FILTER (WHERE key_id = $2)::int AS of_key,
       count(*) FILTER (WHERE user_id = $3)::int AS of_user
     FROM heurist.session WHERE owner = $1 AND expires_at > now()`,
    [owner, key_id, user_id],
  );
  return row!;
}

export async function insertSession(sql: Sql, row: SessionRow): Promise<void> {
  const { session_id, owner, key_id, user_id, max_tasks, max_files, expires_at } = row;
  await sql.query(
    `INSERT INTO heurist.session (session_id, owner, key_id, user_id, max_tasks, max_files, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [session_id, owner, key_id, user_id, max_tasks, max_files, expires_at],
  );
}

/** What is left of a session. */
export interface SessionRoom {
  session_id: string;
  max_tasks: number;
  tasks: number;
}

const IS_OPEN = `expires_at > now() AND EXISTS (SELECT FROM heurist.api_key AS key WHERE key.key_id = session.key_id AND ${IS_VALID})`;

/** Sessions that are still open, by their ids. Call it where nobody else submits for their owners. */
export async function findOpenSessions(
  sql: Sql,
  session_ids: readonly string[],
): Promise<ReadonlyMap<string, SessionRoom>> {
  if (!session_ids.length) return new Map();
  const rows = await sql.query<SessionRoom>(
    `SELECT session_id, max_tasks, tasks FROM heurist.session WHERE session_id = ANY($1::uuid[]) AND ${IS_OPEN}`,
    [[...new Set(session_ids)]],
  );
  return new Map(rows.map((row) => [row.session_id, row]));
}

/** Whether each of these sessions is there. In their order. */
export async function areSessions(sql: Sql, session_ids: readonly string[]): Promise<boolean[]> {
  const query = 'SELECT session_id FROM heurist.session WHERE session_id = ANY($1::uuid[])';
  const rows = await sql.query<{ session_id: string }>(query, [session_ids]);
  const found = new Set(rows.map(({ session_id }) => session_id));
  return session_ids.map((id) => found.has(id));
}

/** Which sessions to delete: one, all of an end user, or one if it is of that user. */
export interface SessionChoice {
  session_id?: string | undefined;
  user_id?: string | undefined;
}

/**
 * Deletes sessions that have not expired. Nothing else knows that they were there, so their tokens are not valid any more.
 *
 * @param owner - whose they must be; `undefined` for anyone's, which needs a `session_id`
 * @returns their ids
 */
export async function deleteSessions(
  sql: Sql,
  owner: string | undefined,
  { session_id, user_id }: SessionChoice,
): Promise<string[]> {
  const wanted = Object.entries({ owner, session_id, user_id }).filter(([, value]) => value !== undefined);
  const conditions = wanted.map(([name], index) => `${name} = $${index + 1}`);
  const rows = await sql.query<{ session_id: string }>(
    `DELETE FROM heurist.session WHERE ${conditions.join(' AND ')} AND expires_at > now() RETURNING session_id`,
    wanted.map(([, value]) => value),
  );
  return rows.map((row) => row.session_id);
}

/** Counts one more task for each of these, which may repeat. In the transaction that records the tasks. */
export async function addSessionTasks(sql: Sql, session_ids: readonly string[]): Promise<void> {
  if (!session_ids.length) return;
  await sql.query(
    `UPDATE heurist.session SET tasks = tasks + added.count FROM (
       SELECT id, count(*)::int AS count FROM unnest($1::uuid[]) AS id GROUP BY id
     ) AS added WHERE session_id = added.id`,
    [session_ids],
  );
}

/** Counts one more file, in the transaction that announces it. Returns whether the session may have it. */
export async function takeSessionFile(sql: Sql, session_id: string): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE heurist.session SET files = files + 1 WHERE session_id = $1 AND files < max_files AND ${IS_OPEN} RETURNING 1`,
    [session_id],
  );
  return rows.length > 0;
}

export async function deleteEndedSessions(sql: Sql): Promise<void> {
  await sql.query('DELETE FROM heurist.session WHERE expires_at < now()');
}
