import { type Graph, optionName, parameterName } from '@heurist/core/definition';
import { printableLine } from '@heurist/core/protocol';
import type { Primitives } from '@heurist/ui-graph/convert-ui-graph';
import type { NodeShapes } from '@heurist/ui-graph/node-shapes';
import type { FixedInput, GraphPlan } from './find/graph-plan.ts';
import { lastName, widgetOf } from './find/widget-of.ts';
import { fixedInputs } from './find-plan.ts';
import { type FoundParameter, RESERVED } from './found-parameter.ts';
import { placeName } from './graph-walk.ts';
import { PlanError } from './plan-error.ts';

/** What a plan is about. */
export interface Planned {
  graph: Graph;
  shapes: NodeShapes;
  primitives: Primitives;
}

/** The plan without an option: its inputs keep the graph's values. */
export function dropOption(plan: GraphPlan, { graph }: Planned, name: string): GraphPlan {
  const option = theOption(plan, name);
  return withOptions(
    plan,
    graph,
    plan.options.filter((one) => one !== option),
  );
}

/** The plan with an option under another name. */
export function renameOption(plan: GraphPlan, { graph }: Planned, name: string, to: string): GraphPlan {
  const option = theOption(plan, name);
  if (option.kind === 'seed') throw invalid('The seed keeps its name: by it, miners draw a fresh one for each task.');
  const isFile = option.file !== undefined;
  checkName(plan, to, isFile);
  const changed = { ...option, name: parameterName(to, isFile) };
  return withOptions(
    plan,
    graph,
    plan.options.map((one) => (one === option ? changed : one)),
  );
}

/**
 * The plan with one more option, for an input that was fixed.
 *
 * @param place - `node.input`
 * @param name - default: the name of the input
 */
export function addOption(plan: GraphPlan, planned: Planned, place: string, name?: string): GraphPlan {
  const input = plan.fixed.find((one) => placeName(one) === place);
  if (!input) {
    const known = plan.fixed.slice(0, 5).map(placeName);
    const others = known.length ? `Name one that is, such as ${known.join(', ')}.` : 'All inputs are options.';
    throw invalid(`No input "${printableLine(place)}" is fixed. ${others}`);
  }
  const option = optionOf(planned, input, name ?? freeName(plan, input.input));
  const isFile = option.file !== undefined;
  checkName(plan, option.name, isFile);
  return withOptions(plan, planned.graph, [...plan.options, { ...option, name: parameterName(option.name, isFile) }]);
}

/** What an option of an input is: the class says it, else the value. */
function optionOf({ graph, shapes }: Planned, { node, input, value }: FixedInput, name: string): FoundParameter {
  const widget = widgetOf(shapes, graph[node]!, input);
  const common = { name, value, isRequired: false, bindings: [placeName({ node, input })] };
  if (widget?.upload) return { ...common, kind: 'file', file: widget.upload, isRequired: true };
  if (typeof value === 'boolean')
    return {
      ...common,
      kind: 'choice',
      value: value ? 'on' : 'off',
      choices: ['on', 'off'],
      bindings: [{ node, input, values: { on: true, off: false } }],
    };
  if (typeof value === 'number') {
    const isWhole = widget ? widget.type === 'INT' : Number.isInteger(value);
    const { min = Math.min(0, value), max = Math.max(1e6, value) } = widget ?? {};
    const range: [number, number] = [Math.max(min, -1e9), Math.min(max, 1e9)];
    return { ...common, kind: isWhole ? 'whole' : 'decimal', range };
  }
  if (typeof value !== 'string')
    throw invalid(`${node}.${input} is neither a text, a number nor true or false: it stays fixed.`);
  const choices = widget?.options?.includes(value) ? widget.options : undefined;
  return choices ? { ...common, kind: 'choice', choices } : { ...common, kind: 'text' };
}

function freeName({ options }: GraphPlan, input: string): string {
  const base = lastName(input)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    // which files have
    .replace(/(_url)+$/, '');
  const stem = base || 'value';
  const taken = new Set(options.map((option) => option.name));
  let name = stem;
  for (let number = 2; taken.has(name); number++) name = `${stem}_${number}`;
  return name;
}

/** @throws {PlanError} if an option cannot be called so */
export function checkName({ options }: GraphPlan, name: string, isFile: boolean): void {
  if (!/^[a-z][a-z0-9_]{0,59}$/.test(name))
    throw invalid(
      `"${printableLine(name)}" is no name of an option. Use lower-case letters, digits and _, such as image_2.`,
    );
  if (RESERVED.has(name)) throw invalid(`Every task has an option ${name} already. Choose another name.`);
  if (!isFile && name.endsWith('_url')) throw invalid(`Only files have names that end with _url. Choose another name.`);
  const names = options.flatMap((one) => [one.name, optionName(one.name, one.file !== undefined)]);
  if (names.includes(name) || names.includes(optionName(parameterName(name, isFile), isFile)))
    throw invalid(`There is an option ${name} already. Choose another name.`);
}

function theOption({ options }: GraphPlan, name: string): FoundParameter {
  const found = options.find((one) => one.name === name || optionName(one.name, one.file !== undefined) === name);
  if (found) return found;
  const known = options.map((one) => one.name).join(', ');
  throw invalid(`There is no option "${printableLine(name)}". There ${known ? `are ${known}` : 'is none'}.`);
}

function withOptions(plan: GraphPlan, graph: Graph, options: FoundParameter[]): GraphPlan {
  const outputs = plan.outputs.map(({ node }) => node);
  return { ...plan, options, fixed: fixedInputs(graph, outputs, options) };
}

const invalid = (message: string) => new PlanError(message);
