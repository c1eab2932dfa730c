// What each statement costs the server, as PostgreSQL itself counts it.
import type { Database } from '@heurist/sequencer';
import { sleep } from '@heurist/server-kit/sleep';
import { type Cost, readStatements } from '../statements.ts';

/** Statements that take less than this are too quick to compare. */
const LEAST_MS = 0.2;

/** When a statement did not run for so long, it is over. */
const QUIET_MS = 5000;

/** Rows of a table: those that take more than so many times as long as before, the worst first. */
export function slowerStatements(before: Map<string, Cost>, after: Map<string, Cost>, limit: number): string[][] {
  return [...after]
    .map(([text, { ms, runs }]) => {
      const old = before.get(text);
      return { text, runs, each: ms / runs, total: ms, old: old && old.ms / old.runs };
    })
    .filter(({ each, old }) => each > LEAST_MS && (old === undefined || each > limit * old))
    .toSorted((a, b) => b.total - a.total)
    .map(({ text, each, old, runs }) => [
      text.replaceAll(/\s+/g, ' ').trim().slice(0, 110),
      old === undefined ? '' : old.toFixed(2),
      each.toFixed(2),
      `${runs}`,
    ]);
}

/** Waits until the sequencer has compared all open tasks with their jobs, which it does in many statements after a start. */
export async function untilCompared(sql: Database): Promise<void> {
  const count = async () => {
    const statements = await readStatements(sql);
    return [...statements].reduce((sum, [text, { runs }]) => (/unnest.*wanted/.test(text) ? sum + runs : sum), 0);
  };
  let [last, runs] = [-1, await count()];
  while (runs !== last) {
    await sleep(QUIET_MS);
    [last, runs] = [runs, await count()];
  }
}
