// Whether owners took turns, computed from what the database saw. Repeated here rather than read from the code under test.
import type { Change } from './ledger.ts';

/** A time, in milliseconds, in which tasks may pass others: a fault held some of them back. */
export interface Pause {
  from: number;
  to: number;
  /** Those that were held back. Default: all. */
  tasks?: ReadonlySet<string>;
}

/** A task that was handed out. */
interface Place {
  task_id: string;
  owner: string;
  turn: number;
  /** Whether for the first time. */
  isFirst: boolean;
  created: number;
  /** When the transaction that handed it out began and was committed. */
  claimBegan: number;
  claimed: number;
}

/**
 * How many tasks of one other owner may be handed out while a task is the first of its own owner: one in the turn that is
 * served, and one in the next.
 */
const MOST = 2;

/**
 * Tasks that were overtaken by more than one turn. Transactions that overlap have no order, so what they hand out does not
 * count. A task that is handed out again overtakes nobody, since it had its turn before, but takes a turn of its owner.
 *
 * @param pauses - what was handed out in these times does not count
 * @param honest - owners whose tasks must not be overtaken, by anybody. Default: all
 */
export function checkTurns(
  changes: readonly Change[],
  pauses: readonly Pause[] = [],
  honest?: ReadonlySet<string>,
): string[] {
  const byWorkflow = Map.groupBy(readPlaces(changes), ({ workflow_id }) => workflow_id);
  return [...byWorkflow.values()].flatMap((places) => {
    const claims = places.toSorted((a, b) => a.claimed - b.claimed);
    const checked = claims.filter(({ isFirst, owner }) => isFirst && (honest?.has(owner) ?? true));
    return checked.flatMap((place) => checkPlace(place, claims, pauses));
  });
}

function readPlaces(changes: readonly Change[]): (Place & { workflow_id: string })[] {
  return [...Map.groupBy(changes, ({ task_id }) => task_id)].flatMap(([task_id, own]) => {
    const created = own.find(({ before }) => before === null);
    if (!created) return [];
    const { owner, workflow_id, committed } = created;
    return own
      .filter(({ after }) => after === 'running')
      .map(({ turn, began, committed: claimed }, index) => {
        return { task_id, owner, workflow_id, turn, isFirst: !index, created: committed, claimBegan: began, claimed };
      });
  });
}

function checkPlace(place: Place, claims: readonly Place[], pauses: readonly Pause[]): string[] {
  const own = claims.filter(({ owner, task_id }) => owner === place.owner && task_id !== place.task_id);
  const before = own.filter(({ claimed }) => claimed <= place.claimed);
  const first = Math.max(place.created, ...before.map(({ claimed }) => claimed));
  const excuses = pauses.filter(({ tasks }) => tasks?.has(place.task_id) ?? true);
  const passed = claims.filter(
    (claim) =>
      claim.isFirst &&
      claim.owner !== place.owner &&
      claim.claimBegan > first &&
      claim.claimed < place.claimBegan &&
      !excuses.some(({ from, to }) => claim.claimed > from && claim.claimBegan < to),
  );
  return [...Map.groupBy(passed, ({ owner }) => owner)]
    .filter(([, tasks]) => tasks.length > MOST)
    .map(([owner, tasks]) => describe(place, first, owner, tasks));
}

/** With turns: they say whether the order was wrong, or was not followed. */
function describe(place: Place, first: number, owner: string, tasks: readonly Place[]): string {
  const turns = tasks.map(({ turn, claimed }) => `${turn} at ${Math.round(claimed - first)} ms`).join(', ');
  const waited = Math.round(place.claimBegan - first);
  return `task ${place.task_id} of ${place.owner} (turn ${place.turn}) was first for ${waited} ms, and was overtaken by ${tasks.length} tasks of ${owner} (turns ${turns})`;
}
