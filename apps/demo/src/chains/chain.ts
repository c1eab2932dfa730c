import type { FamilyInfo, FileValue, OptionValue, TaskOptions, TaskState, WorkflowInfo } from '../../shared/api.ts';
import { fileOption } from '../lib/file-value.ts';
import { type FoundWorkflow, findWorkflow, fitting, type Recipe } from '../lib/recipe.ts';

/** How a step ended. */
export interface StepEnd {
  /** `finished`, `failed` or `canceled`; `gone` if the network no longer has the task; `incomplete` if only a person can give what it still needs. */
  status: 'finished' | 'failed' | 'canceled' | 'gone' | 'incomplete';
  /** Why it did not finish. */
  message?: string;
  /** The seed that was used: it gives the same picture again. */
  seed?: number;
}

/** One task of a chain. */
export interface ChainStep {
  family: string;
  workflow_id: string;
  /** What was chosen for this step; its picture comes from the step before it. */
  options: TaskOptions;
  /** Made before the submit and kept: a submit that a reload cut off is the same task. */
  job_id?: string;
  task_id?: string;
  end?: StepEnd;
  /** The task that finished before something changed: its picture is shown until there is another. */
  was?: string;
}

/** Tasks in a row: the output of each is the picture of the next. */
export interface Chain {
  id: string;
  name: string;
  /** For every step that takes one and has none of its own. */
  prompt: string;
  /** What was typed since: it counts at the next run. */
  draft?: string;
  steps: readonly ChainStep[];
  /** Whether it is to go on by itself, also after a reload. */
  isRunning: boolean;
}

/** What a step is to be submitted with; or the options that it still needs. */
export type StepRequest = { recipe: Recipe } | { missing: string[] };

/** A step for a package: its default graph, unless another is named. */
export function createStep({ name, workflows }: FamilyInfo, workflow_id = workflows[0]!.workflow_id): ChainStep {
  return { family: name, workflow_id, options: {} };
}

/** The file option that takes the output of the step before; `undefined` for a step that begins a chain. */
export const inputOption = (workflow: WorkflowInfo): string | undefined => fileOption(workflow, 'image');

/** The output that a step works on. */
export function inputOf({ steps }: Chain, index: number): FileValue | undefined {
  const { task_id, end } = steps[index - 1] ?? {};
  return task_id !== undefined && end?.status === 'finished' ? { task_id, output: 0 } : undefined;
}

/** Everything that a step is made from, as far as it is known. */
export function stepOptions(chain: Chain, index: number, { workflow }: FoundWorkflow): TaskOptions {
  const { options } = chain.steps[index]!;
  const input = inputOption(workflow);
  const image = index > 0 && input !== undefined ? inputOf(chain, index) : undefined;
  const all = { ...(chain.prompt && { prompt: chain.prompt }), ...options, ...(image && input && { [input]: image }) };
  return fitting(all, workflow);
}

/** What a step is to be submitted with. */
export function requestOf(chain: Chain, index: number, catalogue: readonly FamilyInfo[]): StepRequest {
  const { family, workflow_id } = chain.steps[index]!;
  const found = findWorkflow(catalogue, workflow_id);
  if (!found) return { missing: [workflow_id] };
  const options = stepOptions(chain, index, found);
  const missing = found.workflow.required.filter((name) => options[name] === undefined);
  return missing.length ? { missing } : { recipe: { family, workflow_id, options } };
}

/** The first step that has not finished; `undefined` once all have. */
export function nextStep({ steps }: Chain): number | undefined {
  const index = steps.findIndex(({ end }) => end?.status !== 'finished');
  return index < 0 ? undefined : index;
}

/** The step at which the chain stopped, and why. */
export function stoppedAt(chain: Chain): { index: number; end: StepEnd } | undefined {
  const index = nextStep(chain);
  const end = index === undefined ? undefined : chain.steps[index]!.end;
  return index === undefined || !end ? undefined : { index, end };
}

/** Replaces a step by what it becomes. */
export function withStep(chain: Chain, index: number, change: (step: ChainStep) => ChainStep): Chain {
  return { ...chain, steps: chain.steps.map((step, at) => (at === index ? change(step) : step)) };
}

/** The same with the runs of a step, and of all after it, forgotten: they are to run again. */
export function reset(chain: Chain, from: number): Chain {
  return { ...chain, steps: chain.steps.map((step, index) => (index < from ? step : forgotten(step))) };
}

function forgotten({ job_id: _, task_id, end, ...step }: ChainStep): ChainStep {
  return { ...step, ...(end?.status === 'finished' && task_id && { was: task_id }) };
}

/** The same for another prompt: what was made without one is kept. */
export function withPrompt(chain: Chain, prompt: string, catalogue: readonly FamilyInfo[]): Chain {
  if (prompt === chain.prompt) return chain;
  const first = chain.steps.findIndex(
    ({ workflow_id, options }) =>
      options.prompt === undefined && findWorkflow(catalogue, workflow_id)?.workflow.options.prompt,
  );
  return { ...reset(chain, first < 0 ? chain.steps.length : first), prompt };
}

/** The same with an option of a step set; `undefined` restores the default. */
export function withOption(chain: Chain, index: number, name: string, value: OptionValue | undefined): Chain {
  return withStep(reset(chain, index), index, ({ options: { [name]: _, ...others }, ...step }) => ({
    ...step,
    options: { ...others, ...(value !== undefined && value !== '' && { [name]: value }) },
  }));
}

export const withAdded = (chain: Chain, step: ChainStep): Chain => ({ ...chain, steps: [...chain.steps, step] });

export function withoutStep(chain: Chain, index: number): Chain {
  const { steps, ...rest } = reset(chain, index);
  return { ...rest, steps: steps.filter((_, at) => at !== index) };
}

/** The same with a step at another place: from the first place that changes, all run again. */
export function withMoved(chain: Chain, from: number, to: number): Chain {
  const { steps, ...rest } = reset(chain, Math.min(from, to));
  return { ...rest, steps: steps.toSpliced(from, 1).toSpliced(to, 0, steps[from]!) };
}

/** Why a step cannot move to a place; `undefined` if it can. */
export function reasonAgainstMove(
  chain: Chain,
  from: number,
  to: number,
  catalogue: readonly FamilyInfo[],
): string | undefined {
  if (chain.isRunning) return 'The chain is running.';
  if (to < 0) return 'It is the first step.';
  if (to >= chain.steps.length) return 'It is the last step.';
  return reasonAgainstOrder(withMoved(chain, from, to).steps, catalogue);
}

/** Why steps cannot follow each other; `undefined` if they can. A step that the network does not have says so itself. */
export function reasonAgainstOrder(steps: readonly ChainStep[], catalogue: readonly FamilyInfo[]): string | undefined {
  for (const [index, { workflow_id }] of steps.entries()) {
    const found = findWorkflow(catalogue, workflow_id);
    if (!found) continue;
    const { title, makes } = found.family;
    if (index > 0 && inputOption(found.workflow) === undefined)
      return `${title} takes no picture: it can only be the first step.`;
    if (index < steps.length - 1 && makes !== 'image')
      return `${title} makes no picture: it can only be the last step.`;
  }
  return undefined;
}

/** How a task ended, as a chain remembers it. */
export function endOf({ status, error, parameters }: TaskState): StepEnd | undefined {
  if (status === 'waiting' || status === 'running') return undefined;
  const seed = parameters?.seed;
  return {
    status,
    ...(status === 'failed' && { message: error?.message ?? 'The network gave no reason.' }),
    ...(typeof seed === 'number' && { seed }),
  };
}
