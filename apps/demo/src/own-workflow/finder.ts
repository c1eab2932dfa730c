// Everything that finds options in graphs, with what is recorded of node classes: loaded once a visitor brings a file.
import { describeParameters, optionName, type ParameterDescription } from '@heurist/core/definition';
import { printableLine } from '@heurist/core/protocol';
import type { Planned } from '@heurist/graph-plan/edit-plan';
import { endsOf } from '@heurist/graph-plan/find/find-outputs';
import type { GraphPlan } from '@heurist/graph-plan/find/graph-plan';
import type { FoundParameter } from '@heurist/graph-plan/found-parameter';
import { recordedNodes } from '@heurist/graph-plan/from-editor';
import { placeName } from '@heurist/graph-plan/graph-walk';
import { planGraph, readPlanned } from '@heurist/graph-plan/plan-graph';
import { planDefinition, planWorkflow } from '@heurist/graph-plan/plan-workflow';
import { type Choices, isNameable, type Origin, originsOf, planChoices } from './choices.ts';

export { checkPackageName, proposeName } from '@heurist/graph-plan/package-name';

/** A file whose graph was read. */
export interface OpenedFile {
  name: string;
  planned: Planned;
  /** What is worth knowing of how it was read. */
  notes: string[];
}

/** An input that an option sets. */
interface ShownPlace {
  place: string;
  class_type: string;
  title: string | undefined;
}

/** An option, as the page shows it. */
export interface ShownOption {
  origin: Origin;
  /** As an app writes it. */
  name: string;
  /** As the plan and the command write it. */
  parameter: string;
  rule: ParameterDescription;
  file: FoundParameter['file'];
  isRequired: boolean;
  isSeed: boolean;
  /** The value of the graph, as text. */
  value: string;
  places: ShownPlace[];
}

/** A node that may be an output. */
export interface ShownEnd {
  node: string;
  class_type: string;
  isChosen: boolean;
}

/** What was found in a graph. */
export interface Finding {
  /** What `workflow create --json` prints. */
  plan: GraphPlan;
  options: ShownOption[];
  ends: ShownEnd[];
  models: { folder: string; filename: string }[];
  /** Classes of nodes that no output depends on. */
  unused: string[];
}

/**
 * Reads the graph of a file.
 *
 * @throws {PlanError} if it has none that can be planned
 */
export async function openFile(bytes: Uint8Array, name: string): Promise<OpenedFile> {
  const notes: string[] = [];
  const note = (text: string) => void notes.push(text);
  return { name, planned: await readPlanned(bytes, name, { ...recordedNodes, note }), notes };
}

/**
 * Finds what will be options, after what the visitor said.
 *
 * @throws {PlanError} if the graph saves nothing or is incomplete, or a choice does not fit it
 */
export function findOptions({ planned }: OpenedFile, choices: Choices): Finding {
  const { graph, shapes } = planned;
  const plan = planGraph(planned, planChoices(choices));
  // a name is asked for once the visitor goes on
  const workflow = planWorkflow('own-workflow', graph, [], shapes, plan);
  const { properties } = describeParameters(planDefinition(workflow));
  const names = plan.options.map(({ name }) => name);
  const origins = originsOf(names, choices);
  return {
    plan,
    options: plan.options.map((option, index) =>
      shownOption(option, origins[index]!, properties[option.name], planned),
    ),
    ends: shownEnds(plan, planned),
    models: workflow.models.map(({ folder, filename }) => ({ folder, filename: shown(filename) })),
    unused: [...new Set(workflow.dropped)].map((type) => shown(type, LONGEST_NAME)),
  };
}

/** Names and values in a file are anybody's text, at any length. */
const LONGEST_NAME = 100;
const LONGEST_VALUE = 400;

const shown = (text: string, longest = LONGEST_VALUE) =>
  text.length > longest ? `${printableLine(text, longest)}…` : printableLine(text);

/** A value of a graph, as text. */
export const shownValue = (value: unknown): string => shown(typeof value === 'string' ? value : JSON.stringify(value));

/** An input of a node, as text. */
export const shownName = (name: string): string => shown(name, LONGEST_NAME);

function shownOption(
  { name, kind, file, isRequired, value, bindings }: FoundParameter,
  origin: Origin,
  rule: ParameterDescription = {},
  { graph }: Planned,
): ShownOption {
  const places = bindings.map((binding) => {
    const place = placeName(binding);
    const { class_type, _meta } = graph[place.slice(0, place.indexOf('.'))]!;
    const title = _meta?.title && _meta.title !== class_type ? shown(_meta.title, LONGEST_NAME) : undefined;
    return { place: shownName(place), class_type: shownName(class_type), title };
  });
  const option = optionName(name, file !== undefined);
  return {
    ...{ origin, name: option, parameter: name, rule, file, isRequired, places },
    isSeed: kind === 'seed',
    value: shownValue(value),
  };
}

/** How many nodes may be offered as outputs: a file may have any number without a link. */
const MOST_ENDS = 50;

function shownEnds({ outputs }: GraphPlan, { graph, shapes }: Planned): ShownEnd[] {
  const chosen = new Set(outputs.map(({ node }) => node));
  const ends = new Set(endsOf(graph));
  const classOf = (id: string) => graph[id]!.class_type;
  const keeps = (id: string) =>
    Object.hasOwn(shapes, classOf(id)) ? shapes[classOf(id)]!.isOutput === true : ends.has(id);
  const ids = [...chosen, ...Object.keys(graph).filter((id) => !chosen.has(id) && keeps(id))];
  return ids
    .filter(isNameable)
    .slice(0, Math.max(MOST_ENDS, chosen.size))
    .map((node) => ({ node, class_type: shownName(classOf(node)), isChosen: chosen.has(node) }));
}
