import { HeuristError } from '@heurist/core';
import type { Sql } from './database.ts';

/** @throws {HeuristError} `invalid_configuration` if only newer versions can work with the database */
export function checkCompatible(numbers: { known: number; applied: number; compatible: number }): void {
  const { known, applied, compatible } = numbers;
  if (compatible > known)
    throw new HeuristError(
      `This database was migrated by a newer version (schema ${applied}, for versions that know ${compatible}; this one knows ${known}). Update this sequencer.`,
      { code: 'invalid_configuration' },
    );
}

/** The columns, as `table.column`, that the statements of the schema create. */
export function expectedColumns(statements: readonly string[]): string[] {
  return statements.flatMap((statement) => {
    const [, table, column] = /^ALTER TABLE heurist\.(\w+) ADD COLUMN IF NOT EXISTS (\w+)/.exec(statement) ?? [];
    if (column) return `${table}.${column}`;
    const [, name, body = ''] =
      /^CREATE (?:UNLOGGED )?TABLE IF NOT EXISTS heurist\.(\w+) \(([\s\S]*)\)$/.exec(statement) ?? [];
    // constraints begin with a capital letter
    return [...body.matchAll(/(?:^|,)\s*([a-z_]+) /g)].map(([, own]) => `${name}.${own}`);
  });
}

/** @throws {HeuristError} `invalid_configuration` if a column is missing that every statement would fail on */
export async function checkColumns(sql: Sql, statements: readonly string[]): Promise<void> {
  const rows = await sql.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'heurist'`,
  );
  const there = new Set(rows.map(({ name }) => name));
  const missing = expectedColumns(statements).filter((name) => !there.has(name));
  if (missing.length)
    throw new HeuristError(
      `The database has missing columns: ${missing.join(', ')}. Restore it from a backup, or run "DELETE FROM heurist.setting WHERE name = 'schema'" in it: the next start then creates them, empty.`,
      { code: 'invalid_configuration' },
    );
}
