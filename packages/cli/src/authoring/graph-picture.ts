import type { Graph } from '@heurist/core/definition';
import { optionName } from '@heurist/core/definition';
import { printableLine } from '@heurist/core/protocol';
import type { FoundParameter } from '@heurist/graph-plan/found-parameter';
import { isLink, placeName } from '@heurist/graph-plan/graph-walk';
import { xmlText } from '../output/xml-text.ts';
import { type GraphLayout, layOut, type PlacedBox, type Point } from './graph-layout.ts';

/** An option, and what it sets. */
type Option = Pick<FoundParameter, 'name' | 'file' | 'bindings'>;

/** What is drawn. */
export interface PicturedGraph {
  name: string;
  graph: Graph;
  parameters: readonly Option[];
  /** Nodes whose outputs are the result. */
  outputs: readonly string[];
}

/** A picture of more nodes says nothing. */
export const MOST_NODES = 100;
/** Characters of a line; the whole of it is shown when the mouse rests there. */
const LONGEST = 28;
const CHARACTER = 8;
const LINE = 17;
const PAD = 10;

/** Colours for a light and a dark page: the picture has no background. */
const STYLE = `
text { font: 12px ui-sans-serif, system-ui, sans-serif; fill: #1f2328 }
.class { fill: #59636e; font-size: 11px }
.option { fill: #0969da; font-weight: 600 }
.box { fill: #f6f8fa; stroke: #8c959f }
.open { stroke: #0969da; stroke-width: 1.5 }
.output { fill: #dafbe1; stroke: #1a7f37 }
.link { fill: none; stroke: #8c959f }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.class { fill: #9198a1 }
.option { fill: #58a6ff }
.box { fill: #151b23; stroke: #656c76 }
.open { stroke: #58a6ff }
.output { fill: #12261e; stroke: #3fb950 }
.link { stroke: #656c76 }
}`;

/** A text of a node. */
interface Line {
  text: string;
  kind?: 'class' | 'option';
}

/** Draws a graph as SVG, from left to right, with the options of its workflow at the nodes that they set. */
export function graphPicture({ name, graph, parameters, outputs }: PicturedGraph): string {
  const lines = new Map(Object.keys(graph).map((id) => [id, linesOf(id, graph, parameters)]));
  const boxes = [...lines].map(([id, texts]) => ({ id, ...sizeOf(texts) }));
  const layout = layOut(boxes, linksOf(graph));
  const drawn = layout.boxes.map((box) => drawBox(box, lines.get(box.id)!, outputs.includes(box.id)));
  return svg(name, graph, parameters, layout, drawn);
}

function svg(
  name: string,
  graph: Graph,
  parameters: readonly Option[],
  { width, height, lines }: GraphLayout,
  boxes: readonly string[],
): string {
  const options = parameters.map((parameter) => nameOf(parameter)).join(', ');
  const description = `${Object.keys(graph).length} nodes, from inputs on the left to outputs on the right. Options: ${options || 'none'}.`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">
<title id="title">Graph of ${xmlText(name)}</title>
<desc id="description">${xmlText(description)}</desc>
<style>${STYLE}
</style>
${[...lines.map(drawLine), ...boxes].join('\n')}
</svg>
`;
}

const nameOf = ({ name, file }: Option) => optionName(name, file !== undefined);

/** Its title, its class if that is another, and the options that set its inputs. */
function linesOf(id: string, graph: Graph, parameters: readonly Option[]): Line[] {
  const class_type = printableLine(graph[id]!.class_type);
  const title = printableLine(graph[id]!._meta?.title ?? '').trim() || class_type;
  const isBound = ({ bindings }: Option) => bindings.some((binding) => placeName(binding).startsWith(`${id}.`));
  const options = parameters.filter(isBound).map((parameter): Line => ({ text: nameOf(parameter), kind: 'option' }));
  const shownClass: Line[] = title === class_type ? [] : [{ text: class_type, kind: 'class' }];
  return [{ text: title }, ...shownClass, ...options];
}

function sizeOf(lines: readonly Line[]) {
  const longest = Math.max(8, ...lines.map(({ text }) => shorten(text).length));
  return { width: longest * CHARACTER + 2 * PAD, height: lines.length * LINE + 2 * PAD - 6 };
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : text;
}

/** Each pair once: two nodes may share several links. */
function linksOf(graph: Graph): [from: string, to: string][] {
  return Object.entries(graph).flatMap(([id, { inputs }]) => {
    const sources = Object.values(inputs).flatMap((value) => (isLink(value) && graph[value[0]] ? [value[0]] : []));
    return [...new Set(sources)].map((source): [string, string] => [source, id]);
  });
}

function drawBox({ x, y, width, height }: PlacedBox, lines: readonly Line[], isOutput: boolean): string {
  const isOpen = lines.some(({ kind }) => kind === 'option');
  const classes = ['box', isOpen && 'open', isOutput && 'output'].filter(Boolean).join(' ');
  const isCut = lines.some(({ text }) => shorten(text) !== text);
  const whole = isCut ? `<title>${xmlText(lines.map(({ text }) => text).join('\n'))}</title>` : '';
  const texts = lines.map(({ text, kind }, index) => {
    const kindOf = kind ? ` class="${kind}"` : '';
    return `<text x="${x + PAD}" y="${y + PAD + 9 + index * LINE}"${kindOf}>${xmlText(shorten(text))}</text>`;
  });
  return `<g>${whole}<rect class="${classes}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>${texts.join('')}</g>`;
}

/** A curve through the middles between the points, so that it bends softly at each. */
function drawLine(points: readonly Point[]): string {
  const at = ({ x, y }: Point) => `${Math.round(x)} ${Math.round(y)}`;
  const [first, ...rest] = points;
  const last = rest.at(-1)!;
  const bends = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1]!;
    const isLast = index === rest.length - 2;
    return `Q${at(point)} ${at(isLast ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}`;
  });
  return `<path class="link" d="M${at(first!)}${bends.join('') || `L${at(last)}`}"/>`;
}
