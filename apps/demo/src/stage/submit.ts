import { api } from '../data/api.ts';
import { taskList } from '../data/browser-stores.ts';
import { newId } from '../lib/new-id.ts';
import { randomSeed } from '../lib/random-seed.ts';
import type { Recipe } from '../lib/recipe.ts';
import { select } from './selection.ts';

/** How many tasks variations are. */
const VARIATIONS = 4;

/** Submits a task, remembers it and shows it. */
export async function submitTask(recipe: Recipe): Promise<string> {
  const task_id = await create(recipe);
  select(task_id);
  return task_id;
}

/** Submits the same several times, each with another seed, and shows them side by side. */
export async function submitVariations({ options, ...recipe }: Recipe): Promise<void> {
  const group = newId();
  const first = randomSeed();
  const { noise_seed, ...others } = options;
  for (let index = 0; index < VARIATIONS; index++)
    select(await create({ ...recipe, options: { ...others, seed: first + index } }, group));
}

async function create({ family, workflow_id, options }: Recipe, group?: string): Promise<string> {
  const { task_id } = await api.submit({ family, workflow_id, options, job_id: newId() });
  taskList.add({ task_id, family, workflow_id, options, created_at: Date.now(), ...(group && { group }) });
  return task_id;
}
