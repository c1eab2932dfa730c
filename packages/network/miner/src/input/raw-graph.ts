import {
  choicesOf,
  describeNodeErrors,
  type InputSpec,
  isLink,
  type LiveInput,
  liveInputs,
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
  for (const [id, { class_type, inputs }] of Object.entries(graph)) {
    const about = info[class_type];
    const live = about && liveInputs(about, inputs);
    for (const [name, value] of Object.entries(inputs)) {
      const kind = uploadKind(live?.get(name), value);
      if (!kind || isLink(value)) continue;
      if (typeof value === 'string' && /^https?:\/\//i.test(value)) files.push({ inputs, name, address: value, kind });
      else problems.push(`${name} of node ${id} must be an http(s) address of a file`);
    }
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
  nameSavedFiles(graph);
  return graph;
}

/** Whatever it was asked for: a name could be a path, or come by a link. */
function nameSavedFiles(graph: Graph): void {
  for (const { inputs } of Object.values(graph))
    for (const name of Object.keys(inputs)) if (name.split('.').at(-1) === 'filename_prefix') inputs[name] = 'raw';
}

/** What kind of file an input names, if it does. */
function uploadKind(input: LiveInput | undefined, value: unknown): FileParameter['kind'] | undefined {
  if (!Array.isArray(input?.written)) return undefined;
  const spec = input.written as unknown as InputSpec;
  const mark = Object.keys(UPLOADS).find((option) => spec[1]?.[option]);
  // a control of the editor that holds the name of a drawing has none until somebody draws
  if (!mark || (value === '' && !choicesOf(spec))) return undefined;
  return UPLOADS[mark];
}

function refuse(problems: string[]): HeuristError {
  return new HeuristError(`The graph is refused: ${problems.join('; ')}.`, { code: 'graph_refused' });
}
