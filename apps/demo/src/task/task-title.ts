import type { Recipe } from '../lib/recipe.ts';
import { labelOf } from '../lib/words.ts';

/** The prompt says more than the name of the workflow. */
export function titleOf({ options }: Pick<Recipe, 'options'>, fallback = 'Task'): string {
  const { prompt, tags } = options;
  return [prompt, tags].find((text): text is string => typeof text === 'string') ?? fallback;
}

/** The model and the numbers, to tell two results of one prompt apart. */
export function summaryOf({ workflow_id, options }: Recipe): string {
  const numbers = Object.entries(options).filter(([, value]) => typeof value === 'number');
  return [workflow_id, ...numbers.map(([name, value]) => `${labelOf(name).toLowerCase()} ${value}`)].join(' · ');
}
