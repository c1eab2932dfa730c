import { type ReactNode, useState } from 'react';
import type { Choices } from './choices.ts';
import type { Change } from './use-own-workflow.ts';

/** A change, and why the last one could not be made. */
export function useChange(onChange: Change): { change: (choices: Choices) => void; problem: ReactNode } {
  const [problem, setProblem] = useState<string>();
  return {
    change: (choices) => setProblem(onChange(choices)),
    problem: problem && (
      <p className="field-error" role="alert">
        {problem}
      </p>
    ),
  };
}
