import type { KnownFleet } from './fleet.ts';
import type { ModelLine } from './knowledge.ts';

/** The miners that take tasks of a workflow: they run it, and are not put aside. */
export type RunnersOf = (workflow_id: string) => Promise<readonly string[]>;

/** Lines with whether any miner that holds their models takes from them. */
export async function withTakers<Line extends ModelLine>(
  lines: readonly Line[],
  known: Pick<KnownFleet, 'models' | 'held' | 'takers'>,
  runnersOf: RunnersOf,
): Promise<Line[]> {
  return await Promise.all(
    lines.map(async (line) => ({ ...line, has_takers: await hasTakers(line, known, runnersOf) })),
  );
}

async function hasTakers(
  { workflow_id, model_key }: ModelLine,
  { models, held, takers }: Pick<KnownFleet, 'models' | 'held' | 'takers'>,
  runnersOf: RunnersOf,
): Promise<boolean | undefined> {
  // what nobody holds is left to nobody
  if (model_key === undefined || !models.get(model_key)?.holders) return undefined;
  const name = JSON.stringify([workflow_id, model_key]);
  const known = takers.get(name);
  if (known !== undefined) return known;
  const found = (await runnersOf(workflow_id)).some((miner_id) => held.get(miner_id)?.has(model_key));
  takers.set(name, found);
  return found;
}
