import { readFileSync } from 'node:fs';
import { HeuristError } from '@heurist/core';
import type { Graph } from '@heurist/core/definition';
import sharp from 'sharp';

const EXPORT_HINT =
  'In ComfyUI choose "Workflow > Export (API)" ("Save (API Format)" with dev mode options in older versions).';

/**
 * Reads a graph in API format: from a JSON export, or from the metadata of a PNG or WebP that ComfyUI made.
 *
 * @throws {HeuristError} `invalid_input` for a file that cannot be read or holds no such graph, with the way to get one
 */
export async function readGraph(path: string): Promise<Graph> {
  const bytes = readBytes(path);
  const isPicture = /^(\x89PNG|RIFF)/.test(bytes.subarray(0, 4).toString('latin1'));
  const text = isPicture ? await promptOf(bytes, path) : bytes.toString('utf8');
  return toGraph(parse(text, path), path);
}

function invalid(path: string, problem: string, cause?: unknown): HeuristError {
  return new HeuristError(`"${path}" ${problem}`, { code: 'invalid_input', cause });
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw invalid(path, `cannot be read (${(cause as NodeJS.ErrnoException).code}). Check the path.`, cause);
  }
}

/**
 * The graph that ComfyUI wrote into a picture: the text `prompt` of a PNG, the EXIF tag `Model` of a WebP, which then
 * begins with `prompt:`.
 */
async function promptOf(bytes: Buffer, path: string): Promise<string> {
  const { comments = [], exif } = await sharp(bytes)
    .metadata()
    .catch((cause) => {
      throw invalid(path, 'is damaged: it cannot be read as a picture.', cause);
    });
  const text = comments.find(({ keyword }) => keyword === 'prompt')?.text;
  const inExif = /prompt:(\{[^\0]*)/.exec(exif?.toString('utf8') ?? '')?.[1];
  const prompt = text ?? inExif;
  if (!prompt)
    throw invalid(path, `carries no graph: it was not made by ComfyUI, or its metadata was removed. ${EXPORT_HINT}`);
  return prompt;
}

function parse(text: string, path: string): unknown {
  try {
    // Python writes NaN, which JSON does not have
    return JSON.parse(text.replaceAll(/(?<=[:,[]\s*)NaN(?=\s*[,\]}])/g, 'null'));
  } catch (cause) {
    throw invalid(path, `is no JSON, nor a PNG or WebP (${(cause as Error).message}). ${EXPORT_HINT}`, cause);
  }
}

function toGraph(json: unknown, path: string): Graph {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw invalid(path, `holds no graph. ${EXPORT_HINT}`);
  if ('nodes' in json && Array.isArray(json.nodes))
    throw invalid(
      path,
      `is in the format of ComfyUI's editor, which only the editor can turn into a graph. ${EXPORT_HINT}`,
    );
  // what is posted to ComfyUI has the graph under `prompt`
  const graph = 'prompt' in json && !('class_type' in (json.prompt as object)) ? (json.prompt as object) : json;
  const entries = Object.entries(graph);
  if (!entries.length) throw invalid(path, `is an empty graph. ${EXPORT_HINT}`);
  for (const [id, node] of entries)
    if (typeof node?.class_type !== 'string' || typeof node.inputs !== 'object' || node.inputs === null)
      throw invalid(path, `is no graph in API format: node "${id}" has no class_type or no inputs. ${EXPORT_HINT}`);
  const dotted = entries.find(([id]) => id.includes('.'));
  if (dotted) throw invalid(path, `has a node with a dot in its id, "${dotted[0]}". Give it another id.`);
  return withSafeSeeds(graph as Graph);
}

/**
 * ComfyUI's seeds go to 2^64-1, beyond what JSON numbers hold: rounded up, the largest are more than ComfyUI takes. Their
 * value does not matter, since each task brings its own.
 */
function withSafeSeeds(graph: Graph): Graph {
  for (const { inputs } of Object.values(graph))
    for (const name of ['seed', 'noise_seed'])
      if (Number(inputs[name]) > Number.MAX_SAFE_INTEGER) inputs[name] = Number.MAX_SAFE_INTEGER;
  return graph;
}
