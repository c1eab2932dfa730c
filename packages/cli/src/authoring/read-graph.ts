import { readFileSync } from 'node:fs';
import { checkGraphSize } from '@heurist/comfyui';
import type { Graph } from '@heurist/core/definition';
import { printableLine } from '@heurist/core/protocol';
import { parsePythonJson } from '@heurist/server-kit/python-json';
import sharp from 'sharp';
import { CommandError } from '../output/command-error.ts';
import { textOf } from './file-text.ts';
import { findGraphs } from './find-graph.ts';
import { fromEditor, type KnownNodes, recordedNodes } from './from-editor.ts';

const EXPORT_HINT =
  'In ComfyUI, choose "Workflow > Export (API)" (older versions: "Save (API Format)", with dev mode enabled).';

/**
 * Reads a graph in API format, from a JSON export, from a file of the ComfyUI editor, or from the metadata of a PNG or
 * WebP that ComfyUI made.
 *
 * @param known - the node classes that a file of the editor may use; default: those of ComfyUI itself
 * @throws {CommandError} `invalid_input` if the file cannot be read or has no such graph; says how to get one
 */
export async function readGraph(path: string, known: KnownNodes = recordedNodes): Promise<Graph> {
  const bytes = readBytes(path);
  const isPicture = /^(\x89PNG|RIFF)/.test(bytes.subarray(0, 4).toString('latin1'));
  const text = isPicture ? await promptOf(bytes, path) : (textOf(bytes) ?? refuseBinary(bytes, path));
  const { format, graph } = theGraph(parse(text, path), path);
  return toGraph(format === 'editor' ? await fromEditor(graph, path, known) : graph, path);
}

function invalid(path: string, problem: string, cause?: unknown): CommandError {
  return new CommandError(`"${path}" ${problem}`, { code: 'invalid_input', cause });
}

/** Pictures of other kinds carry no graph, and nothing of other files belongs on a terminal. */
function refuseBinary(bytes: Buffer, path: string): never {
  const kind = bytes.subarray(0, 3).equals(JPEG) ? 'a JPEG, which carries no graph' : 'neither JSON nor a PNG or WebP';
  throw invalid(path, `is ${kind}. Use the PNG or WebP that ComfyUI saved, or an export. ${EXPORT_HINT}`);
}

const JPEG = Buffer.from([0xff, 0xd8, 0xff]);

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EISDIR')
      throw invalid(path, 'is a folder. Pass the file of a graph.', cause);
    throw invalid(path, `cannot be read (${(cause as NodeJS.ErrnoException).code}). Check the path.`, cause);
  }
}

/**
 * The graph that ComfyUI wrote into an image: the text `prompt` of a PNG; in a WebP, the EXIF tag `Model`, which begins
 * with `prompt:`. Without it, the editor's file, which is called `workflow`.
 */
async function promptOf(bytes: Buffer, path: string): Promise<string> {
  const { comments = [], exif } = await sharp(bytes)
    .metadata()
    .catch((cause) => {
      throw invalid(path, 'is damaged and cannot be read as an image.', cause);
    });
  const inText = (name: string) => comments.find(({ keyword }) => keyword === name)?.text;
  const inExif = (name: string) => new RegExp(`${name}:(\\{[^\\0]*)`).exec(exif?.toString('utf8') ?? '')?.[1];
  const prompt = inText('prompt') ?? inExif('prompt') ?? inText('workflow') ?? inExif('workflow');
  if (!prompt)
    throw invalid(path, `contains no graph: ComfyUI did not make it, or its metadata was removed. ${EXPORT_HINT}`);
  return prompt;
}

function parse(text: string, path: string): unknown {
  try {
    return parsePythonJson(text, Number.MAX_VALUE);
  } catch (cause) {
    throw invalid(
      path,
      `is neither JSON nor a PNG or WebP (${printableLine((cause as Error).message).slice(0, 150)}). ${EXPORT_HINT}`,
      cause,
    );
  }
}

/** The one graph of a file, which may be wrapped. */
function theGraph(json: unknown, path: string) {
  const [found, ...others] = findGraphs(json);
  if (others.length)
    throw invalid(path, `contains ${others.length + 1} graphs. Save the one that you want in a file of its own.`);
  if (found) return found;
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
    const keys = Object.keys(json).map((key) => `"${printableLine(key).slice(0, 40)}"`);
    if (!keys.length) throw invalid(path, `contains an empty graph. ${EXPORT_HINT}`);
    const shown = keys.slice(0, 5).join(', ');
    throw invalid(path, `contains no graph, but ${shown}${keys.length > 5 ? ' and more' : ''}. ${EXPORT_HINT}`);
  }
  throw invalid(path, `contains no graph, but ${Array.isArray(json) ? 'a list' : typeof json}. ${EXPORT_HINT}`);
}

function toGraph(graph: object, path: string): Graph {
  const entries = Object.entries(graph);
  const tooLarge = checkGraphSize(graph as Graph);
  if (tooLarge) {
    const reason = tooLarge.message.replace('Cannot execute because ', '');
    throw invalid(path, `is too large: ${reason}${tooLarge.details && ` (${tooLarge.details})`}`);
  }
  if (!entries.length) throw invalid(path, 'contains a graph in which nothing runs.');
  for (const [id, node] of entries)
    if (typeof node?.class_type !== 'string' || typeof node.inputs !== 'object' || node.inputs === null)
      throw invalid(path, `is not a graph in API format: node "${id}" has no class_type or no inputs. ${EXPORT_HINT}`);
  const dotted = entries.find(([id]) => id.includes('.'));
  if (dotted) throw invalid(path, `has a node whose id contains a dot, "${dotted[0]}". Rename it.`);
  refuseNumberLinks(graph as Graph, path);
  return withSafeSeeds(graph as Graph);
}

/** Some tools write links with the id as a number, which ComfyUI refuses: taken for values, they would lose the graph. */
function refuseNumberLinks(graph: Graph, path: string): void {
  for (const [id, { inputs }] of Object.entries(graph))
    for (const [input, value] of Object.entries(inputs)) {
      if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'number') continue;
      if (!Object.hasOwn(graph, value[0]) || !Number.isInteger(value[1])) continue;
      const link = JSON.stringify([String(value[0]), value[1]]);
      throw invalid(
        path,
        `has a link that ComfyUI refuses: ${input} of node ${id} is ${JSON.stringify(value)}. Write ${link}.`,
      );
    }
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
