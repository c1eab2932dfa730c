import type { FamilyInfo } from '../../shared/api.ts';
import { findWorkflow } from '../lib/recipe.ts';
import type { ProgramStep } from '../programs/index.ts';
import { type Chain, inputOption, stepOptions } from './chain.ts';

/** A chain as the steps of a program, whether it has run or not. Seeds that were used give the same pictures again. */
export function programOf(chain: Chain, catalogue: readonly FamilyInfo[]): ProgramStep[] {
  return chain.steps.flatMap(({ family, workflow_id, end }, index) => {
    const found = findWorkflow(catalogue, workflow_id);
    if (!found) return [];
    const input = inputOption(found.workflow);
    const options = {
      ...(index > 0 && input !== undefined && { [input]: { task_id: idOf(index - 1), output: 0 } }),
      ...withoutInput(stepOptions(chain, index, found), index > 0 ? input : undefined),
      ...(end?.seed !== undefined && found.workflow.options.seed && { seed: end.seed }),
    };
    return { task_id: idOf(index), info: found.family, family, workflow_id, options };
  });
}

/** Steps of a program refer to each other, not to tasks that have run. */
const idOf = (index: number) => `step-${index + 1}`;

function withoutInput<T extends object>(options: T, input: string | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name !== input)) as Partial<T>;
}
