import { type ModelLine, type RoutingInput, routeClaims } from '@heurist/sequencer/warm-routing';

/** Who of those that claim takes from which line, and what a later claim must know. */
interface Decision {
  assignments: readonly { claimant: number; line: string }[];
  /** By line, since when its first task is passed by. */
  passed?: ReadonlyMap<string, number>;
  look_again_at?: number | undefined;
}

/** A line of waiting tasks. */
export interface SimulatedLine extends ModelLine {
  /** When a task of it arrived; the first one is 0. */
  arrivedAt(place: number): number;
}

interface Question extends RoutingInput {
  lines: readonly SimulatedLine[];
}

export type Policy = (question: Question) => Decision;

/** The task that has waited for longest, whatever it needs. */
export const oldestFirst: Policy = ({ lines, claimants }) => {
  const taken = new Map<string, number>();
  const assignments = [];
  for (const claimant of claimants.keys()) {
    let first: { line: string; at: number } | undefined;
    for (const { id, count, arrivedAt } of lines) {
      const place = taken.get(id) ?? 0;
      if (place < count && (!first || arrivedAt(place) < first.at)) first = { line: id, at: arrivedAt(place) };
    }
    if (!first) break;
    taken.set(first.line, (taken.get(first.line) ?? 0) + 1);
    assignments.push({ claimant, line: first.line });
  }
  return { assignments };
};

/** The order of a sequencer that knows nothing of models: workflows take turns. */
export const inTurns: Policy = ({ lines, claimants, ...rest }) =>
  routeClaims({
    ...rest,
    lines: lines.map((line) => ({ ...line, model_key: undefined })),
    claimants: claimants.map(() => ({})),
  });

/** The rule of the sequencer. */
export const warmFirst: Policy = routeClaims;
