import type { ParameterDescription } from '@heurist/core/definition';
import type { WorkflowInfo } from '../../shared/api.ts';

/** How early an option comes in a form: files, text, size, choices, numbers, seed. */
function rank(name: string, { type, enum: choices }: ParameterDescription, { files }: WorkflowInfo): number {
  if (files[name]) return 0;
  if (/seed$/.test(name)) return 5;
  if (name === 'width' || name === 'height') return 2;
  if (choices) return 3;
  return type === 'string' ? 1 : 4;
}

/** Whether an option belongs behind "More options": its default is fine most of the time. */
function isMinor(name: string, rule: ParameterDescription, workflow: WorkflowInfo): boolean {
  if (name === 'negative_prompt' || name === 'mask_channel' || rule.enum?.length === 1) return true;
  return rank(name, rule, workflow) > 3;
}

/** The options of a form in order: those that are always shown, and those behind "More options". */
export function orderOptions(workflow: WorkflowInfo): { main: string[]; more: string[] } {
  // `noise_seed` is `seed` under the name of the node: a page needs one of them
  const shown = Object.entries(workflow.options).filter(([name]) => name !== 'noise_seed');
  const sorted = shown.toSorted(([a, first], [b, second]) => rank(a, first, workflow) - rank(b, second, workflow));
  const names = (isWanted: boolean) =>
    sorted.filter(([name, rule]) => isMinor(name, rule, workflow) === isWanted).map(([name]) => name);
  return { main: names(false), more: names(true) };
}

/** The options that a form begins with whichever graph it is for: they can be filled in before that is known. */
export function sharedOptions(workflows: readonly WorkflowInfo[]): string[] {
  const [first = [], ...others] = workflows.map((workflow) => orderOptions(workflow).main);
  const inWords = (name: string | undefined, { options, files, required }: WorkflowInfo) =>
    name && JSON.stringify([name, options[name], files[name], required.includes(name)]);
  const isShared = (name: string, place: number) =>
    others.every((names, index) => inWords(names[place], workflows[index + 1]!) === inWords(name, workflows[0]!));
  const end = first.findIndex((name, place) => !isShared(name, place));
  return end < 0 ? first : first.slice(0, end);
}
