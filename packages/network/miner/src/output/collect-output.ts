import { createHash } from 'node:crypto';
import type { ComfyClient, ComfyOutput } from '@heurist/comfyui';
import { sniffMediaType } from '@heurist/core';
import { mediaTypeOf, printableLine } from '@heurist/core/protocol';
import type { OutputDescription } from '../sequencer/sequencer-client.ts';
import { stripMetadata } from './metadata/strip-metadata.ts';

/** Fetches an output from ComfyUI and describes it. The graph that ComfyUI wrote into it is left out, unless it is to be kept. */
export async function collectOutput(
  output: ComfyOutput,
  { comfyui, keepMetadata }: { comfyui: Pick<ComfyClient, 'view'>; keepMetadata: boolean },
  signal: AbortSignal,
): Promise<{ blob: Blob; description: OutputDescription }> {
  const isText = output.kind === 'text';
  const saved = isText ? new Blob([output.text]) : await comfyui.view(output, signal);
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
      ...pngSize(bytes),
    },
  };
}

/** The end counts, since it has the type. */
function nameOf(filename: string): string {
  return printableLine(filename).slice(-255).toWellFormed() || 'file';
}

/** Width and height of a PNG: https://www.w3.org/TR/png-3/#11IHDR */
function pngSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  if (sniffMediaType(bytes) !== 'image/png' || bytes.length < 24) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
