import { checkLinks } from './check-links.ts';
import type { Planned } from './edit-plan.ts';
import type { GraphPlan } from './find/graph-plan.ts';
import { findPlan } from './find-plan.ts';
import { type KnownNodes, knownShapes, recordedNodes } from './from-editor.ts';
import { usedNodes } from './graph-walk.ts';
import { readGraphFile } from './read-graph.ts';
import { type PlanEdits, withEdits } from './with-edits.ts';

/** What a person says about a plan. */
export interface PlanChoices extends PlanEdits {
  /** Nodes whose outputs are the result. Default: those that are found. */
  output?: string[];
}

/**
 * Reads the graph of a file, with what is known of its nodes.
 *
 * @param name - what the file is called in messages
 * @throws {PlanError} if it has no graph that can be planned
 */
export async function readPlanned(
  bytes: Uint8Array,
  name: string,
  known: KnownNodes = recordedNodes,
): Promise<Planned> {
  const { graph, primitives } = await readGraphFile(bytes, name, known);
  return { graph, shapes: await knownShapes(known), primitives };
}

/**
 * What will be options of a graph and what stays fixed: what `workflow create --json` prints.
 *
 * @throws {PlanError} if the graph saves nothing or is incomplete, or a choice does not fit it
 */
export function planGraph(planned: Planned, choices: PlanChoices = {}): GraphPlan {
  const { graph, shapes, primitives } = planned;
  const plan = withEdits(findPlan(graph, shapes, choices.output, primitives), planned, choices);
  const outputs = plan.outputs.map(({ node }) => node);
  checkLinks(usedNodes(graph, outputs));
  return plan;
}
