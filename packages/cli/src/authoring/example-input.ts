import type { FoundParameter } from '@heurist/graph-plan/found-parameter';
import sharp from 'sharp';

/** What a created package has to try its workflow with. */
interface ExampleInput {
  path: string;
  /** `undefined` if none can be made here: its author puts one there. */
  make(): Promise<Uint8Array | undefined>;
}

/** By the kind of a file option. */
export const exampleInput: Record<NonNullable<FoundParameter['file']>, ExampleInput> = {
  image: { path: 'test-inputs/picture.png', make: drawPicture },
  audio: { path: 'test-inputs/sound.wav', make: async () => playTone() },
  video: { path: 'test-inputs/video.mp4', make: async () => undefined },
  file: { path: 'test-inputs/model.glb', make: async () => undefined },
};

/** A landscape of few colours, so that the file stays small. */
const LANDSCAPE = `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256">
<rect width="256" height="256" fill="#7fb2e5"/><circle cx="190" cy="70" r="34" fill="#ffd34d"/>
<path d="M20 200L90 80L160 200Z" fill="#5b5f73"/><rect y="170" width="256" height="86" fill="#5a9e4b"/></svg>`;

async function drawPicture(): Promise<Uint8Array> {
  return await sharp(Buffer.from(LANDSCAPE)).png({ palette: true, colours: 16, dither: 0 }).toBuffer();
}

const RATE = 8000;

/** A second of the note A, as 16 bit WAV. */
function playTone(): Uint8Array {
  const wav = Buffer.alloc(44 + 2 * RATE);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(RATE, 24);
  wav.writeUInt32LE(2 * RATE, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(2 * RATE, 40);
  for (let index = 0; index < RATE; index++)
    wav.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * 440 * index) / RATE)), 44 + 2 * index);
  return wav;
}
