import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Sql } from './database.ts';
import type { Connections } from './postgres-connections.ts';

/** Statements on one connection, whose errors are told as {@link Connections.fail} does. */
export function sqlOf(connections: Connections, client: pg.ClientBase): Sql {
  return {
    async query<Row>(text: string, values?: unknown[]) {
      try {
        // several statements in one text, as in migrations, cannot be prepared, and have no values
        if (!values?.length) return flatten(await client.query(text)) as Row[];
        return (await client.query({ name: statementName(text), text, values })).rows as Row[];
      } catch (error) {
        throw connections.fail(client, error);
      }
    },
  };
}

/** Several statements have several results. */
function flatten(result: pg.QueryResult | pg.QueryResult[]): object[] {
  return Array.isArray(result) ? result.flatMap(({ rows }) => rows ?? []) : result.rows;
}

const names = new Map<string, string>();

/** A named statement is planned once per connection, which halves the server's work for a task. */
function statementName(text: string): string {
  const name = names.get(text) ?? createHash('sha1').update(text).digest('base64url');
  names.set(text, name);
  return name;
}
