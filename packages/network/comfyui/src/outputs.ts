import { ComfyError } from './comfy-error.ts';
import type { HistoryEntry } from './schemas.ts';

/** A file that a node made. */
export interface ComfyFile {
  node_id: string;
  filename: string;
  subfolder: string;
  type: 'output' | 'temp' | 'input';
  kind: 'image' | 'video' | 'audio' | 'file';
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

/**
 * Everything that a finished prompt made, whatever the node calls it: `images`, `gifs`, `audio`, `3d` ... The kind goes
 * by the file name, since core nodes list videos under `images`.
 */
export function collectOutputs({ outputs }: Pick<HistoryEntry, 'outputs'>): ComfyOutput[] {
  return Object.entries(outputs).flatMap(([node_id, byKey]) =>
    Object.entries(byKey).flatMap(([key, items]) =>
      (Array.isArray(items) ? items : []).flatMap((item) => toOutput(node_id, key, item, byKey.animated)),
    ),
  );
}

function toOutput(node_id: string, key: string, item: unknown, animated: unknown): ComfyOutput[] {
  if (typeof item === 'string') return key === 'text' ? [{ node_id, kind: 'text', text: item }] : [];
  if (typeof item !== 'object' || item === null || !('filename' in item) || typeof item.filename !== 'string')
    return [];
  const { filename, subfolder = '', type = 'output' } = item as Partial<ComfyFile> & { filename: string };
  const known = kinds.find(([, extensions]) => extensions.test(filename))?.[0] ?? 'file';
  const moves = known === 'image' && Array.isArray(animated) && animated.includes(true);
  return [{ node_id, filename, subfolder, type, kind: moves ? 'video' : known }];
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
  const { exception_message = '', node_id, node_type, exception_type } = failure as Record<string, string>;
  return new ComfyError(`${node_type} failed: ${String(exception_message).trim() || exception_type}`, {
    code: 'comfyui_execution_failed',
    prompt_id,
    isRetryable: /OutOfMemory/.test(`${exception_type}`),
    ...(node_id && { node_id }),
    ...(node_type && { node_type }),
    ...(exception_type && { exception_type }),
  });
}
