import {
  describeNodeErrors,
  type InputSpec,
  isLink,
  type NodeInfo,
  type ObjectInfo,
  validateGraph,
} from '@heurist/comfyui';
import { HeuristError } from '@heurist/core';
import { type FileParameter, type Graph, RAW_FILE_BYTES } from '@heurist/core/definition';
import { together } from './together.ts';

/** They are fetched beside one another, and held in memory meanwhile. */
const MAX_FILES = 16;

/** Options by which a server marks an input that names a file to be uploaded. */
const UPLOADS: Record<string, FileParameter['kind']> = {
  image_upload: 'image',
  audio_upload: 'audio',
  video_upload: 'video',
};

/**
 * Prepares a graph that a stranger wrote: it may only have nodes that the operator allows, files are given by address, and saved
 * files get a name of ours.
 *
 * @param upload - fetches a file and hands it to ComfyUI; returns its name there
 * @throws {HeuristError} `graph_refused`, naming every node and input that is wrong
 */
export async function makeRawGraph(
  source: Graph,
  info: ObjectInfo,
  allowed: ReadonlySet<string>,
  upload: (address: string, rule: FileParameter) => Promise<string>,
): Promise<Graph> {
  const graph = structuredClone(source);
  const refused = Object.entries(graph).filter(([, { class_type }]) => !allowed.has(class_type));
  if (refused.length)
    throw refuse(refused.map(([id, { class_type }]) => `node ${id} (${class_type}) is not of an allowed class`));
  const files: { inputs: Record<string, unknown>; name: string; address: string; kind: FileParameter['kind'] }[] = [];
  const problems: string[] = [];
  for (const [id, { class_type, inputs }] of Object.entries(graph))
    for (const [name, value] of Object.entries(inputs)) {
      if (name === 'filename_prefix') inputs[name] = 'raw';
      const kind = uploadKind(info[class_type], name);
      if (!kind || isLink(value)) continue;
      if (typeof value === 'string' && /^https?:\/\//i.test(value)) files.push({ inputs, name, address: value, kind });
      else problems.push(`${name} of node ${id} must be an http(s) address of a file`);
    }
  if (files.length > MAX_FILES) problems.push(`it has ${files.length} files, but the limit is ${MAX_FILES}`);
  if (problems.length) throw refuse(problems);
  const fetchInto = async ({ inputs, name, address, kind }: (typeof files)[number]) => {
    inputs[name] = await upload(address, { kind, max_bytes: RAW_FILE_BYTES });
  };
  await together(files.map(fetchInto));
  const { error, nodeErrors } = validateGraph(graph, info);
  const wrong = describeNodeErrors(nodeErrors);
  if (wrong.length || error) throw refuse(wrong.length ? wrong : [error?.message ?? 'it cannot run']);
  return graph;
}

/** What kind of file an input names, if it does. */
function uploadKind({ input }: NodeInfo = { input: {}, output: [], output_node: false }, name: string) {
  const spec: InputSpec | undefined = input.required?.[name] ?? input.optional?.[name];
  const options = spec?.[1] ?? {};
  const mark = Object.keys(UPLOADS).find((option) => options[option]);
  return mark && UPLOADS[mark];
}

function refuse(problems: string[]): HeuristError {
  return new HeuristError(`The graph is refused: ${problems.join('; ')}.`, { code: 'graph_refused' });
}
