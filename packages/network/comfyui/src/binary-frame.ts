/** A preview: a picture of the work so far. */
export interface ComfyPreview {
  /** `image/jpeg` or `image/png`. */
  contentType: string;
  bytes: Uint8Array;
  /** Prompt and node that it belongs to, if the server says so. */
  prompt_id?: string;
  node_id?: string;
}

const PREVIEW = 1;
const PREVIEW_WITH_METADATA = 4;

/**
 * Reads a binary frame of ComfyUI's socket: a big-endian event number, then the event's own form.
 *
 * @returns the preview, or `undefined` for other events and malformed frames
 */
export function parseBinaryFrame(frame: ArrayBuffer): ComfyPreview | undefined {
  if (frame.byteLength < 8) return undefined;
  const view = new DataView(frame);
  const event = view.getUint32(0);
  const word = view.getUint32(4);
  if (event === PREVIEW)
    return { contentType: word === 2 ? 'image/png' : 'image/jpeg', bytes: new Uint8Array(frame, 8) };
  if (event !== PREVIEW_WITH_METADATA || word > frame.byteLength - 8) return undefined;
  try {
    const metadata = JSON.parse(new TextDecoder().decode(new Uint8Array(frame, 8, word)));
    return {
      contentType: metadata.image_type,
      bytes: new Uint8Array(frame, 8 + word),
      prompt_id: metadata.prompt_id,
      node_id: metadata.display_node_id ?? metadata.node_id,
    };
  } catch {
    return undefined;
  }
}
