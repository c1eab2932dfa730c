import type { FamilyInfo, OptionValue, TaskOptions, TaskState, WorkflowInfo } from '../../shared/api.ts';
import { fileOption, isFile } from './file-value.ts';

/** What a task was made from. */
export interface Recipe {
  family: string;
  workflow_id: string;
  options: TaskOptions;
}

/** A graph and its package. */
export interface FoundWorkflow {
  family: FamilyInfo;
  workflow: WorkflowInfo;
}

/** Finds a graph and its package. */
export function findWorkflow(
  catalogue: readonly FamilyInfo[],
  workflow_id: string | undefined,
): FoundWorkflow | undefined {
  for (const family of catalogue) {
    const workflow = family.workflows.find((candidate) => candidate.workflow_id === workflow_id);
    if (workflow) return { family, workflow };
  }
  return undefined;
}

/** A finished task's options with the seed that was used: they give the same result again. */
export function withSeed(recipe: Recipe, { parameters }: TaskState, { options }: WorkflowInfo): Recipe {
  const seed = parameters?.seed;
  if (typeof seed !== 'number' || !options.seed || recipe.options.noise_seed !== undefined) return recipe;
  return { ...recipe, options: { ...recipe.options, seed } };
}

/** The recipe of a task created elsewhere, from what the network knows about it. */
export function recipeOf(state: TaskState, catalogue: readonly FamilyInfo[]): Recipe | undefined {
  const found = findWorkflow(catalogue, state.workflow_id);
  if (!found) return undefined;
  const options: TaskOptions = {};
  for (const [name, value] of Object.entries(state.parameters ?? {})) {
    const file = fileOption(found.workflow, name);
    if (file && typeof value === 'string') options[file] = { url: value, name: `${name}.png` };
    else if (found.workflow.options[name] && (typeof value === 'string' || typeof value === 'number'))
      options[name] = value;
  }
  return { family: found.family.name, workflow_id: found.workflow.workflow_id, options };
}

/** Those of these options that a graph accepts: what remains when another model is chosen. */
export function fitting(options: TaskOptions, workflow: WorkflowInfo): TaskOptions {
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => fits(name, value, workflow)));
}

function fits(name: string, value: OptionValue, { options, files }: WorkflowInfo): boolean {
  const rule = options[name];
  if (!rule) return false;
  if (files[name]) return isFile(value);
  if (rule.enum) return rule.enum.includes(value);
  if (rule.type === 'string') return typeof value === 'string';
  if (typeof value !== 'number') return false;
  const { minimum = value, maximum = value, multipleOf = 0, 'x-step': step = 0 } = rule;
  const isOnStep = (multipleOf <= 1 || value % multipleOf === 0) && (!step || (value - minimum) % step === 0);
  return value >= minimum && value <= maximum && isOnStep;
}
