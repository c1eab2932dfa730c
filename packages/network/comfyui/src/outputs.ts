import { ComfyError } from './comfy-error.ts';
import type { HistoryEntry } from './schemas.ts';

/** A file that a node made. */
export interface ComfyFile {
  node_id: string;
  filename: string;
  subfolder: string;
  type: 'output' | 'temp' | 'input';
  kind: 'image' | 'video' | 'audio' | 'file';
  /** Whether the node did not run, and this is what it said of an earlier run: the file may have been deleted since. */
  is_cached?: true;
}

/** Text that a node made. */
export interface ComfyText {
  node_id: string;
  kind: 'text';
  text: string;
}

/** A file or a text that a node made. */
export type ComfyOutput = ComfyFile | ComfyText;

const kinds: [kind: ComfyFile['kind'], extensions: RegExp][] = [
  ['image', /\.(png|jpe?g|webp|gif|bmp|tiff?|svg|avif)$/i],
  ['video', /\.(mp4|webm|mov|mkv|avi|m4v)$/i],
  ['audio', /\.(flac|mp3|opus|ogg|wav|m4a)$/i],
];

/** Keys under which nodes list what they say. */
const WORDS = /^(text|string)s?$/i;
/** What 3D savers list as a bare path in the output folder, beside where the camera stands. */
const MODEL_3D = /\.(glb|gltf|obj|fbx|stl|ply|splat|ksplat|spz|usdz)$/i;

/**
 * Everything that a finished prompt made, whatever the node calls it: `images`, `gifs`, `audio`, `3d` ... The kind goes
 * by the file name, since core nodes list videos under `images`. A file that a node lists twice is one output.
 */
export function collectOutputs({ outputs, status }: Pick<HistoryEntry, 'outputs' | 'status'>): ComfyOutput[] {
  const cached = cachedNodes(status);
  const all = Object.entries(outputs).flatMap(([node_id, byKey]) =>
    Object.entries(byKey).flatMap(([key, items]) => [
      ...(WORDS.test(key) ? wordsOf(items).map((text) => ({ node_id, kind: 'text' as const, text })) : []),
      ...(Array.isArray(items) ? items : []).flatMap((item) =>
        toFile(node_id, key, item, byKey.animated).map((file) => ({
          ...file,
          ...(cached.has(node_id) && { is_cached: true as const }),
        })),
      ),
    ]),
  );
  return [...new Map(all.map((output) => [identityOf(output), output])).values()];
}

function cachedNodes(status: HistoryEntry['status']): ReadonlySet<unknown> {
  const nodes = status?.messages.find(([name]) => name === 'execution_cached')?.[1].nodes;
  return new Set(Array.isArray(nodes) ? nodes : []);
}

/** Two texts are two, however alike; two files of one name are the same file. */
const identityOf = (output: ComfyOutput) =>
  output.kind === 'text' ? output : JSON.stringify([output.node_id, output.filename, output.subfolder, output.type]);

/** Texts in lists, however deep. ComfyUI takes a text that is no list apart into its letters: they are put together again. */
function wordsOf(items: unknown): string[] {
  const words: string[] = [];
  // a list of its own instead of a call for each level: a node chooses how deep they are
  for (const left = [items]; left.length; ) {
    const item = left.pop();
    if (typeof item === 'string') words.push(item);
    else if (Array.isArray(item) && isApart(item)) words.push(item.join(''));
    else if (Array.isArray(item)) for (const inner of item.toReversed()) left.push(inner);
  }
  return words;
}

const isApart = (items: unknown[]) =>
  items.length > 1 && items.every((item) => typeof item === 'string' && [...item].length === 1);

function toFile(node_id: string, key: string, item: unknown, animated: unknown): ComfyFile[] {
  if (key === 'result' && typeof item === 'string' && MODEL_3D.test(item)) return [fileAt(node_id, item)];
  if (typeof item !== 'object' || item === null || !('filename' in item) || typeof item.filename !== 'string')
    return [];
  const { filename } = item;
  const { subfolder, type } = item as object as Record<'subfolder' | 'type', unknown>;
  const known = kinds.find(([, extensions]) => extensions.test(filename))?.[0] ?? 'file';
  const moves = known === 'image' && Array.isArray(animated) && animated.includes(true);
  return [
    {
      node_id,
      filename,
      // custom nodes send null
      subfolder: typeof subfolder === 'string' ? subfolder : '',
      type: type === 'temp' || type === 'input' ? type : 'output',
      kind: moves ? 'video' : known,
    },
  ];
}

/** A path of the output folder, with either slash. */
function fileAt(node_id: string, path: string): ComfyFile {
  const parts = path.split(/[\\/]/);
  return { node_id, filename: parts.pop()!, subfolder: parts.join('/'), type: 'output', kind: 'file' };
}

/**
 * Makes sure that a prompt really succeeded. The status alone is not enough: a failure inside an expanded node can
 * hide behind `success`.
 *
 * @throws {ComfyError} `comfyui_execution_failed` or `comfyui_interrupted`
 */
export function checkSuccess(prompt_id: string, { status, outputs }: HistoryEntry): void {
  const message = (type: string) => status?.messages.find(([name]) => name === type)?.[1];
  if (message('execution_interrupted'))
    throw new ComfyError('The prompt was interrupted.', { code: 'comfyui_interrupted', prompt_id });
  const failure = message('execution_error');
  // a node that blocks its followers says so as an error, while the others go on
  const isBlocked = failure?.exception_type === 'ExecutionBlocked' && Object.keys(outputs).length > 0;
  if (failure && !isBlocked) throw executionFailed(prompt_id, failure);
  if (status && status.status_str !== 'success')
    throw new ComfyError(`The prompt ended with status "${status.status_str}" and no reason.`, {
      code: 'comfyui_execution_failed',
      prompt_id,
    });
}

function executionFailed(prompt_id: string, failure: Record<string, unknown>): ComfyError {
  const { exception_message, node_id, node_type, exception_type } = failure as Record<string, string>;
  const said = typeof exception_message === 'string' ? exception_message.trim() : '';
  return new ComfyError(`${node_type ?? 'A node'} failed: ${said || (exception_type ?? 'it gave no reason')}`, {
    code: 'comfyui_execution_failed',
    prompt_id,
    isRetryable: /OutOfMemory/.test(`${exception_type}`),
    ...(node_id && { node_id }),
    ...(node_type && { node_type }),
    ...(exception_type && { exception_type }),
  });
}
