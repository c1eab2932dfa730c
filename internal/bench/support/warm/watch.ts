import type { SimulatedLine } from './policies.ts';

/** What one claim was like. */
interface Claim {
  /** As they were before it. */
  lines: readonly SimulatedLine[];
  assignments: readonly { line: string }[];
  /** Somebody got nothing, and could have had what is left. */
  isSomebodyIdle: boolean;
  now: number;
}

/**
 * Sees for how long the first task of a line is passed by, whatever the policy says: from the first claim that could have taken it
 * and took a younger one, or nothing, to the last such claim.
 */
export class Watch {
  /** By line: which task is first, and since when it is passed by. */
  readonly #passed = new Map<string, { arrived: number; since: number }>();
  longest = 0;

  note({ lines, assignments, isSomebodyIdle, now }: Claim): void {
    const taken = new Set(assignments.map(({ line }) => line));
    let youngest = -Infinity;
    for (const { id, since } of lines) if (taken.has(id)) youngest = Math.max(youngest, since);
    for (const { id, since, arrivedAt } of lines) {
      if (taken.has(id)) this.#passed.delete(id);
      else if (since < youngest || isSomebodyIdle) this.#notePassed(id, arrivedAt(0), now);
    }
  }

  #notePassed(id: string, arrived: number, now: number): void {
    const last = this.#passed.get(id);
    if (last?.arrived === arrived) this.longest = Math.max(this.longest, now - last.since);
    else this.#passed.set(id, { arrived, since: now });
  }
}
