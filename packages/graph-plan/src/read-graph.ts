import type { Graph } from '@heurist/core/definition';
import { printableLine } from '@heurist/core/protocol';
import { findExcess } from '@heurist/server-kit/graph-size';
import { parsePythonJson } from '@heurist/server-kit/python-json';
import type { Primitives } from '@heurist/ui-graph/convert-ui-graph';
import { type FileJson, NoJsonError, readFileJson } from './file-json.ts';
import { findGraphs } from './find-graph.ts';
import { fromEditor, type KnownNodes, recordedNodes } from './from-editor.ts';
import { PlanError } from './plan-error.ts';

const EXPORT_HINT =
  'In ComfyUI, choose "Workflow > Export (API)" (older versions: "Save (API Format)", with dev mode enabled).';

/** A graph in API format, and what only a file of the editor says: which inputs one primitive sets. */
export interface ReadGraph {
  graph: Graph;
  primitives: Primitives;
}

/**
 * Reads a graph in API format, from a JSON export, from a file of the ComfyUI editor, or from the metadata of a picture, film,
 * sound or latent that ComfyUI saved.
 *
 * @param name - what the file is called in messages
 * @param known - the node classes that a file of the editor may use; default: those of ComfyUI itself
 * @throws {PlanError} `invalid_input` if the file has no such graph; says how to get one
 */
export async function readGraphFile(
  bytes: Uint8Array,
  name: string,
  known: KnownNodes = recordedNodes,
): Promise<ReadGraph> {
  const { format, graph } = theGraph(await fileJson(bytes, name), name);
  if (format === 'api') return { graph: toGraph(graph, name), primitives: new Map() };
  const converted = await fromEditor(graph, name, known);
  return { graph: toGraph(converted.graph, name), primitives: converted.primitives };
}

function invalid(name: string, problem: string, cause?: unknown): PlanError {
  return new PlanError(`"${name}" ${problem}`, { cause });
}

async function fileJson(bytes: Uint8Array, name: string): Promise<FileJson> {
  try {
    return await readFileJson(bytes);
  } catch (cause) {
    if (cause instanceof NoJsonError) throw invalid(name, `${cause.message} ${EXPORT_HINT}`, cause);
    throw cause;
  }
}

/** The one graph of a file, which may be wrapped. */
function theGraph({ json, format }: FileJson, name: string) {
  const [found, ...others] = findGraphs(json);
  if (others.length)
    throw invalid(name, `contains ${others.length + 1} graphs. Save the one that you want in a file of its own.`);
  if (found) return found;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    const what = Array.isArray(json) ? 'a list' : json === null ? 'null' : typeof json;
    throw invalid(name, `contains no graph, but ${what}. ${EXPORT_HINT}`);
  }
  throw invalid(name, `${format ? noneIn(format, json) : noneAmong(json)} ${EXPORT_HINT}`);
}

/** How many names a message shows. */
const MOST_NAMED = 5;

function noneAmong(json: object): string {
  return Object.keys(json).length ? `contains no graph, but ${namesOf(json)}.` : 'contains an empty graph.';
}

function noneIn(format: string, texts: object): string {
  if (!Object.keys(texts).length) return `contains no graph: it is ${format} without metadata.`;
  const broken = Object.entries(texts).flatMap(([name, text]) => {
    const problem = /^(prompt|workflow)$/.test(name) && problemOf(text);
    return problem ? [`its "${name}" is not JSON (${problem})`] : [];
  });
  return `contains no graph: it is ${format}, and ${broken.join(', ') || `its metadata has only ${namesOf(texts)}`}.`;
}

function problemOf(text: string): string | undefined {
  try {
    parsePythonJson(text);
    return undefined;
  } catch (error) {
    return printableLine((error as Error).message).slice(0, 150);
  }
}

function namesOf(json: object): string {
  const names = Object.keys(json).map((name) => `"${printableLine(name).slice(0, 40)}"`);
  return `${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ' and more' : ''}`;
}

function toGraph(graph: object, name: string): Graph {
  const entries = Object.entries(graph);
  const excess = findExcess(graph as Graph);
  if (excess) {
    const at = excess.node === undefined ? '' : ` (Node ID '#${excess.node}')`;
    throw invalid(name, `is too large: ${excess.problem}.${at}`);
  }
  if (!entries.length) throw invalid(name, 'contains a graph in which nothing runs.');
  for (const [id, node] of entries)
    if (typeof node?.class_type !== 'string' || typeof node.inputs !== 'object' || node.inputs === null)
      throw invalid(name, `is not a graph in API format: node "${id}" has no class_type or no inputs. ${EXPORT_HINT}`);
  const dotted = entries.find(([id]) => id.includes('.'));
  if (dotted) throw invalid(name, `has a node whose id contains a dot, "${dotted[0]}". Rename it.`);
  refuseBadLinks(graph as Graph, name);
  return withSafeSeeds(graph as Graph);
}

/** Some tools write links that ComfyUI refuses: the id as a number, the output as a text. Taken for values, they would lose the graph. */
function refuseBadLinks(graph: Graph, name: string): void {
  for (const [id, { inputs }] of Object.entries(graph))
    for (const [input, value] of Object.entries(inputs)) {
      if (!Array.isArray(value) || !isBadLink(graph, value)) continue;
      const [from, output] = value;
      const link = JSON.stringify([String(from), Number.isInteger(Number(output)) ? Number(output) : 0]);
      const written = printableLine(JSON.stringify(value), 100);
      throw invalid(name, `has a link that ComfyUI refuses: ${input} of node ${id} is ${written}. Write ${link}.`);
    }
}

/** A list that begins with a node, and is not `["id", output]`. Other lists may be values. */
function isBadLink(graph: Graph, value: readonly unknown[]): boolean {
  const [from, output] = value;
  if ((typeof from !== 'string' && typeof from !== 'number') || !Object.hasOwn(graph, from)) return false;
  const isPair = value.length === 2;
  if (typeof from === 'number') return isPair && Number.isInteger(Number(output));
  // True is 1
  return !isPair || !(Number.isInteger(output) || typeof output === 'boolean');
}

/**
 * ComfyUI's seeds go up to 2^64-1, beyond the precision of JSON numbers: rounded up, the largest exceed ComfyUI's limit.
 * Their value does not matter, since each task sets its own.
 */
function withSafeSeeds(graph: Graph): Graph {
  for (const { inputs } of Object.values(graph))
    for (const name of ['seed', 'noise_seed'])
      if (Number(inputs[name]) > Number.MAX_SAFE_INTEGER) inputs[name] = Number.MAX_SAFE_INTEGER;
  return graph;
}
