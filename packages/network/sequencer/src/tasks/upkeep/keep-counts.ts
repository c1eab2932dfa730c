import type { Database } from '../../database/database.ts';
import { addEnded, countLongLines } from '../table/kept-counts.ts';

/** Counts what is much, so that nobody who asks for the state of the network waits for it. */
export async function keepCounts(database: Database, workflow_ids: readonly string[]): Promise<void> {
  while (await database.transaction(addEnded));
  await countLongLines(database, workflow_ids);
}
