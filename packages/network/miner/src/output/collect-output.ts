import { createHash } from 'node:crypto';
import { type ComfyClient, ComfyError, type ComfyFile, type ComfyOutput } from '@heurist/comfyui';
import { sniffMediaType } from '@heurist/core';
import { mediaTypeOf, printable, printableLine, RESULT_TEXT_CHARACTERS } from '@heurist/core/protocol';
import { stripMetadata } from '@heurist/media-metadata/metadata';
import type { Clock } from '@heurist/server-kit/clock';
import { InputError } from '../input/input-error.ts';
import type { OutputDescription } from '../sequencer/sequencer-client.ts';

/** What fetching an output needs. */
interface CollectContext {
  comfyui: Pick<ComfyClient, 'view'>;
  keepMetadata: boolean;
  clock: Clock;
}

const LOOK_AGAIN_MS = 2000;

/** Fetches an output from ComfyUI and describes it. The graph that ComfyUI wrote into it is left out, unless it is to be kept. */
export async function collectOutput(
  output: ComfyOutput,
  { comfyui, keepMetadata, clock }: CollectContext,
  signal: AbortSignal,
): Promise<{ blob: Blob; description: OutputDescription }> {
  const isText = output.kind === 'text';
  const saved = isText ? new Blob([output.text.toWellFormed()]) : await viewFile(output, comfyui, clock, signal);
  const content = new Uint8Array(await saved.arrayBuffer());
  const bytes = keepMetadata ? content : stripMetadata(content);
  return {
    blob: new Blob([bytes]),
    description: {
      filename: nameOf(isText ? `${output.node_id}.txt` : output.filename),
      kind: output.kind,
      content_type: isText ? 'text/plain; charset=utf-8' : (mediaTypeOf(bytes) ?? 'application/octet-stream'),
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      node_id: printableLine(output.node_id, 200) || 'unknown',
      ...(isText && wordsOf(output.text)),
      ...pngSize(bytes),
    },
  };
}

/**
 * A file that a node has just listed and that is not there was never written: no other ComfyUI would have it either. One that was listed
 * earlier, or for a moment only, may have been deleted.
 */
async function viewFile(
  file: ComfyFile,
  comfyui: CollectContext['comfyui'],
  clock: Clock,
  signal: AbortSignal,
): Promise<Blob> {
  for (let looks = 0; ; looks++) {
    try {
      return await comfyui.view(file, signal);
    } catch (error) {
      const node = printableLine(file.node_id, 200);
      if (ComfyError.isInstance(error) && (error.status === 400 || error.status === 403) && isOutside(file)) {
        const where = `Node ${node} listed the file ${nameOf(file.filename)}, which is outside of the folders of ComfyUI`;
        throw new InputError('no_output', `${where}. Name another output in the workflow, or mend the node.`, error);
      }
      const isMissing = ComfyError.isInstance(error) && error.status === 404;
      if (!isMissing || file.is_cached || file.type !== 'output') throw error;
      const message = `Node ${node} listed the file ${nameOf(file.filename)}, and did not write it. Name another output in the workflow, or mend the node.`;
      if (looks > 0) throw new InputError('no_output', message, error);
    }
    // a disk over a network may show it a moment later
    await clock.sleep(LOOK_AGAIN_MS, signal);
  }
}

/** ComfyUI hands out nothing by such a path, whoever asks. */
const isOutside = ({ filename, subfolder }: ComfyFile) =>
  /(^|[\\/])\.\.|^[\\/]/.test(filename) || subfolder.includes('..');

/** The end counts, since it has the type. */
function nameOf(filename: string): string {
  return printableLine(filename).slice(-255).toWellFormed() || 'file';
}

/** What goes with the result itself. */
function wordsOf(whole: string): Pick<OutputDescription, 'text' | 'truncated'> {
  const text = printable(whole);
  if (text.length <= RESULT_TEXT_CHARACTERS) return { text };
  return { text: printable(text, RESULT_TEXT_CHARACTERS), truncated: true };
}

/** Width and height of a PNG: https://www.w3.org/TR/png-3/#11IHDR */
function pngSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  if (sniffMediaType(bytes) !== 'image/png' || bytes.length < 24) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
