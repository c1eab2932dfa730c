import type { FamilyInfo, TaskState } from '../../shared/api.ts';
import { tracker } from '../data/tasks.ts';
import { isFile } from '../lib/file-value.ts';
import type { ProgramStep } from '../programs/index.ts';
import { knownRecipe } from './known-recipe.ts';

/** The tasks that led to this one, in the order in which they ran. */
export async function chainOf(state: TaskState, catalogue: FamilyInfo[]): Promise<ProgramStep[]> {
  const { recipe, found } = knownRecipe(state, catalogue);
  if (!recipe || !found) return [];
  const before: ProgramStep[] = [];
  for (const value of Object.values(recipe.options))
    if (isFile(value) && 'task_id' in value)
      before.push(...(await chainOf(await tracker.load(value.task_id), catalogue)));
  const step = { ...recipe, task_id: state.task_id, info: found.family };
  return [...new Map([...before, step].map((one) => [one.task_id, one])).values()];
}
