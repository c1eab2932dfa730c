import { Graph, layout } from '@dagrejs/dagre';
import { type Graph as ComfyGraph, optionName, type WorkflowDefinition } from '@heurist/core/definition';

const HEIGHT = 44;
const MARGIN = 8;
/** Wide enough for the class of a node, in the font below. */
const widthOf = (...texts: string[]) => 24 + 7.4 * Math.max(...texts.map((text) => text.length));

/** The graph of a workflow as an SVG for light and dark pages: nodes from left to right, below their class the options that set them. */
export function drawGraph({ workflow_id, graph, ...definition }: WorkflowDefinition): string {
  const setters = settersOf(definition);
  const optionsOf = (id: string) => setters.get(id)?.join(', ') ?? '';
  const plan = new Graph();
  plan.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 34 });
  plan.setDefaultEdgeLabel(() => ({}));
  for (const [id, { class_type }] of Object.entries(graph))
    plan.setNode(id, { width: widthOf(class_type, optionsOf(id)), height: HEIGHT });
  for (const [id, { inputs }] of Object.entries(graph))
    for (const input of Object.values(inputs)) if (isLink(input, graph)) plan.setEdge(input[0], id);
  layout(plan);

  const lines = plan.edges().map((edge) => plan.edge(edge).points);
  const boxes = Object.entries(graph).map(([id, { class_type }]) => box(plan.node(id), class_type, optionsOf(id)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${frameOf(plan, lines.flat())}" font-family="ui-monospace, monospace" font-size="12">
<title>The graph of ${workflow_id}</title>
${[...lines.map(line), ...boxes].join('\n')}
</svg>
`;
}

/** Edges may go around the nodes: the frame holds both. */
function frameOf(plan: Graph, points: readonly { y: number }[]): string {
  const { width = 0, height = 0 } = plan.graph();
  const heights = [0, height, ...points.map(({ y }) => y)];
  const top = Math.min(...heights) - MARGIN;
  return [-MARGIN, top, width + 2 * MARGIN, Math.max(...heights) - top + MARGIN].map(round).join(' ');
}

const isLink = (input: unknown, graph: ComfyGraph): input is [string, number] =>
  Array.isArray(input) && input.length === 2 && typeof input[0] === 'string' && input[0] in graph;

const round = (value: number) => Math.round(value * 10) / 10;

const line = (points: readonly { x: number; y: number }[]) =>
  `<polyline points="${points.map(({ x, y }) => `${round(x)},${round(y)}`).join(' ')}" fill="none" stroke="#8b8d98" stroke-width="1.5"/>`;

function box({ x, y, width }: { x: number; y: number; width: number }, title: string, options: string): string {
  const [left, top] = [round(x - width / 2), round(y - HEIGHT / 2)];
  const text = (at: number, fill: string, content: string) =>
    `<text x="${round(x)}" y="${round(at)}" fill="${fill}" text-anchor="middle">${content}</text>`;
  return [
    `<rect x="${left}" y="${top}" width="${round(width)}" height="${HEIGHT}" rx="6" fill="#3a4a6b"/>`,
    text(options ? y - 4 : y + 4, '#ffffff', title),
    ...(options ? [text(y + 13, '#ffd58a', options)] : []),
  ].join('');
}

/** Node -> the options that set one of its inputs. */
function settersOf({ bindings, files }: Pick<WorkflowDefinition, 'bindings' | 'files'>): Map<string, string[]> {
  const setters = new Map<string, string[]>();
  for (const [parameter, places] of Object.entries(bindings))
    for (const { node } of places) {
      const names = setters.get(node) ?? [];
      setters.set(node, [...new Set([...names, optionName(parameter, Object.hasOwn(files, parameter))])]);
    }
  return setters;
}
