import type { NodeShapes } from './node-shapes.ts';
import { recording } from './recording.ts';

/** The node classes of ComfyUI itself, partner nodes included, as `internal/editor-exports/record-shapes.ts` recorded them. */
export async function recordedShapes(): Promise<NodeShapes> {
  const bytes = Uint8Array.from(atob(recording), (letter) => letter.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(unpacked).json()) as NodeShapes;
}
