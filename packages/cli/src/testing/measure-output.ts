import { kindOfMedia } from '@heurist/core/protocol';
import { typeOfContent } from './file-kinds.ts';
import { blankness, decodeFrames, type Pixels } from './pixels.ts';

/** What is known of an output: only what its content says. */
export interface Measured {
  bytes: Uint8Array;
  /** Media type. */
  type: string;
  width?: number;
  height?: number;
  /** How long it lasts. */
  seconds?: number;
  /** Of a picture; of an animation, the first frame. */
  pixels?: Pixels;
  /** Why the picture, or every frame that was looked at, shows nothing. */
  blank?: string;
  /** Why nothing is known: what the decoder says. */
  damage?: string;
}

/**
 * Measures a file that a task made.
 *
 * @param announced - its media type, as the network says
 */
export async function measureOutput(bytes: Uint8Array, announced: string): Promise<Measured> {
  const type = typeOfContent(bytes, announced);
  const kind = kindOfMedia(type);
  const measure = kind === 'image' ? measurePicture : kind === 'video' || kind === 'audio' ? measureMedia : undefined;
  const found = await measure?.(bytes).catch((error: Error) => ({ damage: error.message.split('\n')[0]! }));
  return { bytes, type, ...found };
}

async function measurePicture(bytes: Uint8Array): Promise<Partial<Measured>> {
  const [pixels, ...others] = await decodeFrames(bytes);
  const { width, height } = pixels;
  // an animation that fades in begins with nothing
  const blank = others.every(blankness) ? blankness(pixels) : undefined;
  return { width, height, pixels, ...(blank && { blank }) };
}

/** Reads a video or a sound packet by packet; nothing is decoded. */
async function measureMedia(bytes: Uint8Array): Promise<Partial<Measured>> {
  const { ALL_FORMATS, BufferSource, Input } = await import('mediabunny');
  using input = new Input({ source: new BufferSource(Uint8Array.from(bytes)), formats: ALL_FORMATS });
  if (!(await input.getTracks()).length) throw new Error('it has no frames and no sound');
  const seconds = await input.computeDuration();
  const track = await input.getPrimaryVideoTrack();
  if (!track) return { seconds };
  const [width, height] = await Promise.all([track.getDisplayWidth(), track.getDisplayHeight()]);
  return { seconds, width, height };
}
