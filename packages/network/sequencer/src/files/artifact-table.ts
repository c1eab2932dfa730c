// Every statement on the table of artifacts.
import type { OutputDescription } from '@heurist/core';
import { inOrder } from '@heurist/server-kit/batch';
import { IS_VALID } from '../access/keys/key-table.ts';
import type { Sql } from '../database/database.ts';
import { lockNames } from '../database/lock-names.ts';
import { attemptOf, retryCountOf } from '../database/retry-count.ts';

/** What is known of an artifact: an output without its URL. */
export type ArtifactDescription = Partial<Omit<OutputDescription, 'url'>> & { content_type: string; bytes: number };

/** A declared or stored file. */
export interface Artifact {
  artifact_id: string;
  owner: string;
  /** The key that declared it; missing for rows of earlier versions. */
  key_id: string | null;
  /** Missing for an input. */
  task_id: string | null;
  /** The attempt that made it, from 1. */
  attempt: number | null;
  description: ArtifactDescription;
  stored_at: Date | null;
}

/** Until the transaction ends, no other one declares files of the same owner or task. */
export async function lockArtifacts(sql: Sql, owner: string): Promise<void> {
  await lockNames(sql, [`files ${owner}`]);
}

/** What one attempt or owner has declared so far. */
export interface Declared {
  files: number;
  bytes: number;
  content_types: string[];
}

const DECLARED = `count(*)::int AS files, coalesce(sum((description->>'bytes')::float8), 0)::float8 AS bytes,
  coalesce(array_agg(DISTINCT description->>'content_type'), '{}') AS content_types`;

/** Whether a key is still valid. */
export async function hasKey(sql: Sql, key_id: string): Promise<boolean> {
  return (await sql.query(`SELECT 1 FROM heurist.api_key WHERE key_id = $1 AND ${IS_VALID}`, [key_id])).length > 0;
}

/** The outputs of an attempt. */
export async function measureOutputs(sql: Sql, lease: { task_id: string; attempt: number }): Promise<Declared> {
  const query = `SELECT ${DECLARED} FROM heurist.artifact WHERE task_id = $1 AND attempt = $2`;
  const [row] = await sql.query<Declared>(query, [lease.task_id, retryCountOf(lease.attempt)]);
  return row!;
}

/**
 * The inputs of an owner.
 *
 * @param minutes - how long one counts that was announced and not stored; may be infinite
 * @param key_id - only those that were declared with this key
 */
export async function measureInputs(
  sql: Sql,
  owner: string,
  minutes: number,
  key_id: string | null = null,
): Promise<Declared> {
  const [row] = await sql.query<Declared>(
    `SELECT ${DECLARED} FROM heurist.artifact WHERE owner = $1 AND task_id IS NULL AND ($3::uuid IS NULL OR key_id = $3)
     AND (stored_at IS NOT NULL OR $2::float8 = 'infinity' OR created_at > now() - $2 * interval '1 minute')`,
    [owner, minutes === Number.POSITIVE_INFINITY ? 'infinity' : minutes, key_id],
  );
  return row!;
}

export async function insertArtifact(sql: Sql, artifact: Omit<Artifact, 'stored_at'>): Promise<void> {
  const { artifact_id, owner, key_id, task_id, attempt, description } = artifact;
  await sql.query(
    `INSERT INTO heurist.artifact (artifact_id, owner, key_id, task_id, attempt, description)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [artifact_id, owner, key_id, task_id, attempt === null ? null : retryCountOf(attempt), JSON.stringify(description)],
  );
}

/**
 * A stored or announced input of an owner with this content, the newest stored one first.
 *
 * @param days - how old it may be
 */
export async function findInput(
  sql: Sql,
  owner: string,
  { content_type, bytes, sha256 }: ArtifactDescription,
  days: number,
): Promise<Artifact | undefined> {
  const [row] = await sql.query<Artifact>(
    `SELECT * FROM heurist.artifact WHERE owner = $1 AND task_id IS NULL AND description->>'sha256' = $2
     AND description->>'content_type' = $3 AND (description->>'bytes')::float8 = $4
     AND created_at > now() - $5 * interval '1 day' ORDER BY stored_at DESC NULLS LAST, created_at DESC LIMIT 1`,
    [owner, sha256, content_type, bytes, days],
  );
  return row;
}

/** From now on it counts as new, so that it stays as long as one that is uploaded now. */
export async function renewInput(sql: Sql, artifact_id: string): Promise<void> {
  await sql.query('UPDATE heurist.artifact SET created_at = now() WHERE artifact_id = $1', [artifact_id]);
}

export async function recordArrival(sql: Sql, artifact_id: string, description: ArtifactDescription): Promise<void> {
  const query =
    'UPDATE heurist.artifact SET stored_at = coalesce(stored_at, now()), description = $2 WHERE artifact_id = $1';
  await sql.query(query, [artifact_id, JSON.stringify(description)]);
}

/** In the order of the ids. */
export async function readArtifacts(sql: Sql, artifact_ids: readonly string[]): Promise<(Artifact | undefined)[]> {
  const query = 'SELECT * FROM heurist.artifact WHERE artifact_id = ANY($1)';
  const rows = await sql.query<Artifact>(query, [[...new Set(artifact_ids)]]);
  const artifacts = rows.map((row) => ({ ...row, attempt: row.attempt === null ? null : attemptOf(row.attempt) }));
  return inOrder(artifact_ids, artifacts, ({ artifact_id }) => artifact_id);
}

/** The files that each of these attempts has declared, the first one first. In the order of the attempts. */
export async function findAttemptOutputs(
  sql: Sql,
  leases: readonly { task_id: string; attempt: number }[],
): Promise<Artifact[][]> {
  const query = 'SELECT * FROM heurist.artifact WHERE task_id = ANY($1::uuid[]) ORDER BY created_at';
  const rows = await sql.query<Artifact>(query, [leases.map(({ task_id }) => task_id)]);
  const byTask = Map.groupBy(rows, ({ task_id }) => task_id);
  return leases.map(({ task_id, attempt }) => {
    const own = (byTask.get(task_id) ?? []).filter((row) => row.attempt === retryCountOf(attempt));
    return own.map((row) => ({ ...row, attempt }));
  });
}

/** An input, and since when it is kept. */
export interface OldInput {
  artifact_id: string;
  since: Date;
}

/** The outputs of tasks. */
export async function findOutputs(sql: Sql, task_ids: readonly string[]): Promise<string[]> {
  const query = 'SELECT artifact_id FROM heurist.artifact WHERE task_id = ANY($1::uuid[])';
  return idsOf(await sql.query(query, [task_ids]));
}

/** Inputs older than `days`, and a day older than `before` if that is given, the oldest first, but for those that an open task names. */
export async function findOldInputs(
  sql: Sql,
  days: number,
  before: Date | null,
  limit: number,
  isNeeded: (artifact_id: string) => string,
): Promise<OldInput[]> {
  return await sql.query<OldInput>(
    `SELECT artifact_id, created_at AS since FROM heurist.artifact WHERE task_id IS NULL AND created_at < LEAST(
       now() - $1 * interval '1 day', $2::timestamptz - interval '1 day'
     ) AND NOT (${isNeeded('artifact.artifact_id')}) ORDER BY created_at LIMIT $3`,
    [days, before, limit],
  );
}

/** Inputs that were announced more than `hours` ago, and never stored. */
export async function findAnnounced(sql: Sql, hours: number, limit: number): Promise<string[]> {
  const rows = await sql.query(
    `SELECT artifact_id FROM heurist.artifact WHERE task_id IS NULL AND stored_at IS NULL
     AND created_at < now() - $1 * interval '1 hour' LIMIT $2`,
    [hours, limit],
  );
  return idsOf(rows);
}

const idsOf = (rows: { artifact_id: string }[]) => rows.map(({ artifact_id }) => artifact_id);
