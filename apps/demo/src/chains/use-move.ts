import { useState } from 'react';
import type { FamilyInfo } from '../../shared/api.ts';
import { type Chain, reasonAgainstMove, withMoved } from './chain.ts';
import { chainStore } from './chains.ts';

/** Moves the steps of a chain. */
export interface StepMoves {
  /** Returns whether it has moved. */
  move(from: number, to: number): boolean;
  reasonAgainst(from: number, to: number): string | undefined;
  /** What became of the last move of the step at a place. */
  saidOf(index: number): string | undefined;
}

/** @param onMoved - called with the place of a step that has moved */
export function useMove(chain: Chain, catalogue: readonly FamilyInfo[], onMoved: (to: number) => void): StepMoves {
  const [said, say] = useState<{ index: number; text: string }>();
  const reasonAgainst = (from: number, to: number) => reasonAgainstMove(chain, from, to, catalogue);
  return {
    move(from, to) {
      const reason = reasonAgainst(from, to);
      if (!reason) {
        chainStore.save(withMoved(chain, from, to));
        onMoved(to);
      }
      say(reason ? { index: from, text: reason } : { index: to, text: `It is step ${to + 1} now.` });
      return !reason;
    },
    reasonAgainst,
    saidOf: (index) => (said?.index === index ? said.text : undefined),
  };
}
