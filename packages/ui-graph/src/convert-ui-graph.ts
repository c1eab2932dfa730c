import { followLink } from './follow-link.ts';
import { withoutGroups } from './group-nodes.ts';
import type { NodeShapes } from './node-shapes.ts';
import { pickPrompt } from './pick-prompt.ts';
import type { OwnValue } from './promoted-value.ts';
import { BYPASSED, MUTED, Scope } from './scope.ts';
import { shapeInFile } from './shape-in-file.ts';
import { type UiFile, type UiNode, uiFile } from './ui-schema.ts';
import { withUniqueIds } from './unique-ids.ts';
import { UnknownChoice, widgetValues } from './widget-values.ts';

/** A node in API format. */
export interface ApiNode {
  class_type: string;
  inputs: Record<string, unknown>;
  _meta?: { title: string };
}

/** A node that could not be converted. */
export interface UnknownNode {
  id: string;
  type: string;
  /** The pack that it comes from, if the file says it. */
  pack?: string;
  /** Set if the class is known, but not this choice of one of its inputs. */
  choice?: { input: string; value: unknown };
}

/** Primitives of the editor, by id, with the inputs that each sets, as `node.input`: an export has only the values. */
export type Primitives = ReadonlyMap<string, readonly string[]>;

/** What became of a file of the editor. */
export interface Conversion {
  graph: Record<string, ApiNode>;
  /** Nodes whose class, or a choice in them, has no shape; the graph lacks them. */
  unknown: UnknownNode[];
  /** Nodes whose class has no shape, and that were converted by the names in the file. */
  assumed: UnknownNode[];
  primitives: Primitives;
}

/** How a file is converted. */
interface ConversionOptions {
  /** Whether the file is believed about classes without a shape, if it has names for all values. Default `false`. */
  trustsNames?: boolean;
}

/** Nodes that exist in the editor alone. */
const EDITOR_ONLY = new Set([
  'Note',
  'MarkdownNote',
  'Reroute',
  'Reroute (rgthree)',
  'PrimitiveNode',
  'GetNode',
  'SetNode',
]);

/** Whether something is a file of ComfyUI's editor. */
export function isUiFile(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'nodes' in json && Array.isArray(json.nodes);
}

/**
 * Converts a file of ComfyUI's editor to API format, as the editor's own "Export (API)" does.
 *
 * @param shapes - the node classes of a server, or of a version of ComfyUI, beside which newer ones may exist: `trustsNames`
 * @throws {Error} if the file is damaged, or a subgraph contains itself
 */
export function convertUiGraph(
  json: unknown,
  shapes: NodeShapes,
  { trustsNames = false }: ConversionOptions = {},
): Conversion {
  const { file, groups } = withoutGroups(read(json), shapes);
  const { nodes, subgraphs } = withUniqueIds(file);
  const definitions = new Map([...subgraphs, ...groups].map((subgraph) => [subgraph.id, subgraph]));
  const conversion: Growing = { graph: {}, unknown: [], assumed: [], primitives: new Map() };
  addScope(new Scope({ ...file, nodes }, definitions), { shapes, trustsNames }, conversion);
  return conversion;
}

function read(json: unknown): UiFile {
  const { data, error } = uiFile.safeParse(json);
  if (data) return data;
  const [issue] = error!.issues;
  throw new Error(`The file of the editor is damaged at ${issue!.path.join('.') || 'its top'}.`);
}

/** Nodes at most, with those of every use of a subgraph: a few subgraphs in each other could be billions. */
const MOST_NODES = 100_000;

type Growing = Conversion & { primitives: Map<string, string[]> };

/** What is known of classes. */
interface Knowledge {
  shapes: NodeShapes;
  trustsNames: boolean;
}

function addScope(scope: Scope, knowledge: Knowledge, conversion: Growing, seen = { nodes: 0 }): void {
  for (const node of scope.nodes.values()) {
    seen.nodes++;
    if (seen.nodes > MOST_NODES) throw new Error(`The graph has more than ${MOST_NODES} nodes.`);
    if (node.mode === MUTED || node.mode === BYPASSED || EDITOR_ONLY.has(node.type)) continue;
    const inside = scope.inside(node);
    if (inside) addScope(inside, knowledge, conversion, seen);
    else addNode(scope, node, knowledge, conversion);
  }
}

function addNode(
  scope: Scope,
  node: UiNode,
  knowledge: Knowledge,
  { graph, unknown, assumed, primitives }: Growing,
): void {
  const id = scope.prefix + node.id;
  const { shapes } = knowledge;
  const described = Object.hasOwn(shapes, node.type) ? shapes[node.type] : undefined;
  // what is connected to nothing is a label or a button
  if (!described && !isConnected(node)) return;
  const shape = described ?? (knowledge.trustsNames ? shapeInFile(node) : undefined);
  if (!shape) {
    unknown.push(aboutUnknown(id, node));
    return;
  }
  if (!described) assumed.push(aboutUnknown(id, node));
  const inputs = new Map<string, unknown>();
  try {
    const { widgets } = shape;
    const prompts = new Set(widgets.filter(({ dynamicPrompts }) => dynamicPrompts).map(({ name }) => name));
    for (const [name, value] of widgetValues(node, widgets))
      inputs.set(name, prompts.has(name) ? pickPrompt(value) : escapeList(value));
  } catch (error) {
    if (!(error instanceof UnknownChoice)) throw error;
    unknown.push({ ...aboutUnknown(id, node), choice: { input: error.input, value: error.value } });
    return;
  }
  const ownValue: OwnValue = ({ type, ...rest }, control) =>
    Object.hasOwn(shapes, type)
      ? widgetValues({ type, ...rest } as UiNode, shapes[type]!.widgets).get(control)
      : undefined;
  for (const { name, link } of node.inputs ?? []) {
    if (link == null) continue;
    const source = followLink(scope, scope.links.get(link), ownValue);
    if (!source) continue;
    inputs.set(name, 'link' in source ? source.link : escapeList(source.value));
    if (!('primitive' in source) || source.primitive === undefined) continue;
    primitives.set(source.primitive, [...(primitives.get(source.primitive) ?? []), `${id}.${name}`]);
  }
  graph[id] = { class_type: node.type, inputs: Object.fromEntries(inputs), _meta: { title: node.title ?? node.type } };
}

/** A list would be taken for a link. */
const escapeList = (value: unknown): unknown => (Array.isArray(value) ? { __value__: value } : value);

function isConnected({ inputs, outputs }: UiNode): boolean {
  const ends = [...(inputs ?? []), ...(outputs ?? [])];
  return ends.some(({ link, links }) => link != null || (Array.isArray(links) && links.length > 0));
}

function aboutUnknown(id: string, { type, properties }: UiNode): UnknownNode {
  const pack = properties?.aux_id ?? properties?.cnr_id;
  return { id, type, ...(typeof pack === 'string' && { pack }) };
}
