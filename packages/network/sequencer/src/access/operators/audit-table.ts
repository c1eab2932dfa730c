// Every statement on the table of what operators did.
import type { Sql } from '../../database/database.ts';

/** Who did something. */
export interface Actor {
  /** The owner of the key, or `process:` and the user of the operating system who runs it. */
  actor: string;
  /** Missing for a process, which works on the database without a key. */
  key_id: string | null;
}

/** Something that was done, or was to be. */
export interface AuditEntry extends Actor {
  /** As in the protocol, such as `key_create`. */
  action: string;
  /** What it was done to, and what was set. Never a secret. */
  target: Record<string, unknown>;
  /** `ok`, or the code of the error. */
  outcome: string;
}

/** An entry as it was written down. */
export interface AuditRow extends AuditEntry {
  audit_id: number;
  at: Date;
}

/** Which entries are wanted. */
export interface AuditFilter {
  since?: string | undefined;
  until?: string | undefined;
  actor?: string | undefined;
  action?: string | undefined;
  /** Entries before this one. */
  before?: number | undefined;
}

export async function insertAudit(sql: Sql, { actor, key_id, action, target, outcome }: AuditEntry): Promise<void> {
  await sql.query('INSERT INTO heurist.audit (actor, key_id, action, target, outcome) VALUES ($1, $2, $3, $4, $5)', [
    actor,
    key_id,
    action,
    JSON.stringify(target),
    outcome,
  ]);
}

/** The newest first. */
export async function listAudit(
  sql: Sql,
  { since, until, actor, action, before }: AuditFilter,
  limit: number,
): Promise<AuditRow[]> {
  return await sql.query<AuditRow>(
    `SELECT audit_id::float8 AS audit_id, at, actor, key_id, action, target, outcome FROM heurist.audit
     WHERE ($1::timestamptz IS NULL OR at >= $1) AND ($2::timestamptz IS NULL OR at < $2)
       AND ($3::text IS NULL OR actor = $3) AND ($4::text IS NULL OR action = $4)
       AND ($5::bigint IS NULL OR audit_id < $5)
     ORDER BY audit_id DESC LIMIT $6`,
    [since ?? null, until ?? null, actor ?? null, action ?? null, before ?? null, limit],
  );
}

/** Deletes old entries, so many at most. Returns how many there were. */
export async function deleteOldAudit(sql: Sql, days: number, limit: number): Promise<number> {
  const rows = await sql.query(
    `DELETE FROM heurist.audit WHERE audit_id IN (
       SELECT audit_id FROM heurist.audit WHERE at < now() - $1 * interval '1 day' ORDER BY at LIMIT $2
     ) RETURNING 1`,
    [days, limit],
  );
  return rows.length;
}
