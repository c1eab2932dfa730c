import type { Graph, GraphNode } from '@heurist/core/definition';
import type { NodeShapes } from '@heurist/ui-graph/node-shapes';
import { ancestors, isLink } from '../graph-walk.ts';

/** How much a node is an output: it saves; it shows; or neither. */
type Rank = 'saves' | 'shows' | undefined;

const SAVES = /save|export|upload|VideoCombine/i;
const SHOWS = /preview|^(show|display)|(show|display)_?(text|any|string|image)/i;
/** Settings by which nodes with other work save as well: `image_output: "Hide/Save"`. */
const SAVE_SETTING = /^(image|video|audio)?_?(output|save|output_mode|save_mode|save_image)$/i;

/**
 * The nodes whose results are kept: those that save; without one, those that show. What a node is, its class tells if it is
 * known, else its name.
 */
export function findOutputs(graph: Graph, shapes: NodeShapes): string[] {
  const ids = Object.keys(graph);
  const ranks = new Map(ids.map((id) => [id, rankOf(graph[id]!, shapes)]));
  const saving = fed(graph, (id) => ranks.get(id) === 'saves');
  if (saving.length) return saving;
  const showing = fed(graph, (id) => ranks.get(id) === 'shows');
  if (showing.length) return showing;
  return others(graph, shapes);
}

/** Those of some nodes that something is linked into: the others are left over, unless there are only such. */
function fed(graph: Graph, isOne: (id: string) => boolean): string[] {
  const ids = Object.keys(graph).filter(isOne);
  const linked = ids.filter((id) => isFed(graph[id]!));
  return linked.length ? linked : ids;
}

const isFed = ({ inputs }: GraphNode) => Object.values(inputs).some(isLink);

/** Nodes that save and are no outputs, since nothing is linked into them. */
export function leftOver(graph: Graph, shapes: NodeShapes, outputs: readonly string[]): string[] {
  const chosen = new Set(outputs);
  return Object.keys(graph).filter(
    (id) => !chosen.has(id) && !isFed(graph[id]!) && rankOf(graph[id]!, shapes) === 'saves',
  );
}

function rankOf({ class_type, inputs }: GraphNode, shapes: NodeShapes): Rank {
  const shape = Object.hasOwn(shapes, class_type) ? shapes[class_type] : undefined;
  if (shape && !shape.isOutput) return undefined;
  if (SHOWS.test(class_type) && !/^save/i.test(class_type)) return 'shows';
  if (SAVES.test(class_type)) return 'saves';
  const says = Object.entries(inputs).filter(([name]) => SAVE_SETTING.test(name));
  return says.some(([, value]) => value === true || /save/i.test(String(value))) ? 'saves' : undefined;
}

/** Output nodes that neither save nor show by their name: those that lead to no other. Of unknown classes, ends named so. */
function others(graph: Graph, shapes: NodeShapes): string[] {
  const links = Object.values(graph).flatMap(({ inputs }) => Object.values(inputs).filter(isLink));
  const sources = new Set(links.map(([id]) => id));
  const known = Object.keys(graph).filter((id) => shapes[graph[id]!.class_type]?.isOutput);
  const last = known.filter((id) => !known.some((other) => other !== id && ancestors(graph, [other]).has(id)));
  if (last.length) return last;
  return Object.keys(graph).filter(
    (id) =>
      !sources.has(id) && !Object.hasOwn(shapes, graph[id]!.class_type) && /output|send/i.test(graph[id]!.class_type),
  );
}

/** Nodes that nothing leads on from: one of them may be an output. */
export function endsOf(graph: Graph): string[] {
  const links = Object.values(graph).flatMap(({ inputs }) => Object.values(inputs).filter(isLink));
  const sources = new Set(links.map(([id]) => id));
  return Object.keys(graph).filter((id) => !sources.has(id));
}
