import type { FamilyInfo, TaskState } from '../../shared/api.ts';
import { taskList } from '../data/browser-stores.ts';
import { type FoundWorkflow, findWorkflow, type Recipe, recipeOf, withSeed } from '../lib/recipe.ts';

/** What a task was made from: as this browser stored it, else as the network reports it. */
export function knownRecipe(
  state: TaskState,
  catalogue: FamilyInfo[],
): { recipe: Recipe | undefined; found: FoundWorkflow | undefined } {
  const recipe = taskList.find(state.task_id) ?? recipeOf(state, catalogue);
  const found = findWorkflow(catalogue, recipe?.workflow_id);
  return { recipe: recipe && found ? withSeed(recipe, state, found.workflow) : recipe, found };
}
