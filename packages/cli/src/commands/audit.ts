import { auditReplySchema, printableLine } from '@heurist/core/protocol';
import { printableJson } from '../output/printable-json.ts';
import { callAsOperator, type KeysOptions } from './keys.ts';

/** Options of `heurist audit`. */
export interface AuditOptions extends KeysOptions {
  /** ISO 8601. */
  since?: string;
  until?: string;
  actor?: string;
  action?: string;
  /** Entries at most. */
  limit: number;
  json?: boolean;
}

/** Entries that a sequencer returns at once, at most. */
const PAGE = 1000;

/** Prints one line per entry, the newest first, page after page. */
export async function audit(options: AuditOptions): Promise<void> {
  const { since, until, actor, action, limit, json } = options;
  let before: number | undefined;
  for (let left = limit; left > 0; ) {
    const request = { since, until, actor, action, before, limit: Math.min(left, PAGE) };
    const { entries, next } = await callAsOperator(options, 'audit_list', request, auditReplySchema);
    for (const entry of entries) process.stdout.write(json ? `${printableJson(entry)}\n` : lineOf(entry));
    left -= entries.length;
    if (next === undefined) return;
    before = next;
  }
}

interface Entry {
  at: string;
  actor: string;
  key_id: string | null;
  action: string;
  target: Record<string, unknown>;
  outcome: string;
}

function lineOf({ at, actor, key_id, action, target, outcome }: Entry): string {
  const facts = Object.entries(target).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const who = key_id === null ? actor : `${actor} (${key_id})`;
  return `${printableLine([at, who, action.padEnd(14), outcome, ...facts].join('  '))}\n`;
}
