import type { ComfyPreview } from '@heurist/comfyui';
import type { TaskProgress } from '@heurist/core';

/** Larger previews are left out: they would not fit into a heartbeat. */
export const MAX_PREVIEW_BYTES = 250_000;

/** The sequencer takes no others, and refuses the heartbeat that has one. */
const PICTURES = /^image\/(png|jpeg|webp|gif)$/;

/** Passes previews of a ComfyUI on as data URLs. */
export function createPreviewReporter(report: (progress: Partial<TaskProgress>) => void) {
  return ({ bytes, contentType }: ComfyPreview): void => {
    if (bytes.length > MAX_PREVIEW_BYTES || !PICTURES.test(contentType)) return;
    report({ preview: `data:${contentType};base64,${Buffer.from(bytes).toString('base64')}` });
  };
}
