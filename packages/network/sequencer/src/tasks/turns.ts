// The order in which tasks are served: pure. See docs/decisions/2026-11-28-turns-by-workflow.md.

/** Priorities of a task among those of its owner, the highest first. */
export const PRIORITIES = [1, 0, -1] as const;
export type Priority = (typeof PRIORITIES)[number];

/** The waiting tasks of one owner with one priority, in one workflow. Their turns follow each other. */
interface Level {
  first: number;
  last: number;
}

/** The waiting tasks of one owner in one workflow. */
export interface Line {
  /** The turn that the workflow serves now; 1 in one where nothing happens. It never goes back. */
  served: number;
  /** The last turn that the owner was given, 0 before the first, whether that task still waits or not. */
  given: number;
  levels: Partial<Record<Priority, Level>>;
}

/** What new tasks of one line change. */
export interface Placement {
  /** The turn of each new task, in their order. */
  turns: number[];
  /** By how many turns the waiting tasks of each priority move back. */
  shifts: Map<Priority, number>;
  /** The last turn that the owner has been given now. */
  given: number;
}

/**
 * Gives new tasks of one line their turns. An owner has one place in each turn of a workflow, whatever the priorities:
 * - Without waiting tasks it joins the turn that is served now, or the next one if it had its place in this one.
 * - With waiting tasks, it lines up behind those of the same or a higher priority; those of a lower priority move back.
 */
export function placeTasks(line: Line, priorities: readonly Priority[]): Placement {
  const levels: Partial<Record<Priority, Level>> = structuredClone(line.levels);
  const shifts = new Map<Priority, number>();
  const placed: { priority: Priority; turn: number }[] = [];
  for (const priority of priorities) {
    const turn = nextTurn({ ...line, levels }, priority);
    const lower = PRIORITIES.filter((other) => other < priority && levels[other]);
    const back = turn + 1 - Math.min(...lower.map((other) => levels[other]!.first));
    if (back > 0)
      for (const other of lower) {
        if (line.levels[other]) shifts.set(other, (shifts.get(other) ?? 0) + back);
        levels[other] = { first: levels[other]!.first + back, last: levels[other]!.last + back };
        for (const task of placed) if (task.priority === other) task.turn += back;
      }
    placed.push({ priority, turn });
    levels[priority] = { first: levels[priority]?.first ?? turn, last: turn };
  }
  const lasts = Object.values(levels).map(({ last }) => last);
  return { turns: placed.map(({ turn }) => turn), shifts, given: Math.max(...lasts, 0) };
}

function nextTurn({ served, given, levels }: Line, priority: Priority): number {
  const before = PRIORITIES.filter((other) => other >= priority).flatMap((other) => levels[other]?.last ?? []);
  const next = given >= served ? served + 1 : served;
  // what waits may have been passed by
  if (before.length) return Math.max(...before.map((turn) => turn + 1), next);
  const behind = PRIORITIES.filter((other) => other < priority).flatMap((other) => levels[other]?.first ?? []);
  // the place that the owner holds already goes to its most urgent task
  if (behind.length) return Math.min(...behind);
  return next;
}

/**
 * The turns of an owner that was passed by, or whose first tasks were canceled. If tasks could not be seen while others were
 * claimed, or are handed out again and had their turns before, one of them goes first now, and the others wait for later
 * turns, one in each, instead of all at once before everybody else. If no task of the owner is due, the first one takes the
 * next turn.
 *
 * @param turns - of its waiting tasks, the first one first
 * @param served - the turn that the workflow serves now
 * @returns the new turns, in the same order
 */
export function catchUp(turns: readonly number[], served: number): number[] {
  const [first, ...others] = turns;
  if (first === undefined) return [];
  let last = served;
  return [Math.min(first, served + 1), ...others.map((turn) => (last = Math.max(turn, last + 1)))];
}

/** Whether turns are left out among those of a line: tasks between others were canceled. */
export function hasGap(turns: readonly number[]): boolean {
  return turns.some((turn, index) => index > 0 && turn > turns[index - 1]! + 1);
}

/** The tasks of one workflow that wait. */
export interface WaitingLine {
  workflow_id: string;
  /** How many there are. */
  count: number;
  /** Since when the first of them has been the first, in milliseconds. */
  since: number;
}

/**
 * Shares claims among the workflows that a miner offers: the one whose first task has been first for longest goes first.
 * Then its next task is first, from now on, and the others come before it.
 *
 * @returns how many tasks of each workflow are handed out
 */
export function shareClaims(lines: readonly WaitingLine[], claims: number): Map<string, number> {
  const shares = new Map<string, number>();
  let round = lines.filter(({ count }) => count > 0).toSorted((a, b) => a.since - b.since);
  let left = claims;
  while (left > 0 && round.length) {
    for (const { workflow_id } of round.slice(0, left)) shares.set(workflow_id, (shares.get(workflow_id) ?? 0) + 1);
    left -= round.length;
    round = round.filter(({ workflow_id, count }) => shares.get(workflow_id) !== count);
  }
  return shares;
}
