import { decodeText, latin1, viewOf } from './bytes.ts';
import type { Block, Container, Entry } from './container.ts';

type Json = Record<string, unknown>;

/** Files that begin with JSON that says where all else is. It gets shorter: distances are counted from its end. */
interface JsonHead {
  /** Where the JSON begins. */
  start: number;
  /** Where four bytes say how long it is. */
  lengthAt: number;
  /** Its length is a multiple of this. */
  multiple: number;
  /** The object in which texts are, by their names. */
  textsIn(json: Json): unknown;
  /** Which of them ComfyUI wrote, of those that may say how the file is to be read. */
  isText(name: string): boolean;
  /** Where four bytes say how long the whole file is. */
  totalAt?: number;
}

/** Models and latents: https://github.com/huggingface/safetensors#format. Names are anybody's, and some say how to load a model. */
export const safetensors = withHead({
  start: 8,
  lengthAt: 0,
  multiple: 8,
  textsIn: ({ __metadata__ }) => __metadata__,
  isText: (name) => /^(prompt|workflow)$/.test(name),
});

/** 3D models: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html#binary-gltf. ComfyUI puts texts into `asset.extras`. */
export const glb = withHead({
  start: 20,
  lengthAt: 12,
  multiple: 4,
  textsIn: ({ asset }) => (asset as Json | undefined)?.extras,
  isText: () => true,
  totalAt: 8,
});

/** Whether a file is of safetensors, which have no signature: a length below 2^32, and JSON. */
export const isSafetensors = (bytes: Uint8Array) =>
  bytes.length > 10 && viewOf(bytes).getUint32(4, true) === 0 && /^\{\s*["}]/.test(latin1(bytes, 8, 16));

function withHead(format: JsonHead): Container {
  const { start } = format;
  return {
    find(bytes) {
      const head = parseHead(bytes, format);
      const texts = head && textsOf(head, format);
      return texts?.length ? [{ start, end: start + lengthOf(bytes, format), read: () => texts }] : [];
    },
    remove(bytes, blocks) {
      const head = parseHead(bytes, format);
      return head && blocks.length ? withoutTexts(bytes, head, blocks, format) : Uint8Array.from(bytes);
    },
  };
}

const lengthOf = (bytes: Uint8Array, { lengthAt }: JsonHead) => viewOf(bytes).getUint32(lengthAt, true);

function parseHead(bytes: Uint8Array, format: JsonHead): Json | undefined {
  const { start } = format;
  if (bytes.length < start) return undefined;
  const end = start + lengthOf(bytes, format);
  if (end > bytes.length) return undefined;
  try {
    const json = JSON.parse(decodeText(bytes.subarray(start, end)));
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

function textsOf(head: Json, { textsIn, isText }: JsonHead): Entry[] {
  const texts = textsIn(head);
  if (typeof texts !== 'object' || texts === null) return [];
  return Object.entries(texts)
    .filter(([name]) => isText(name))
    .map(([name, text]) => ({ name, text: typeof text === 'string' ? text : JSON.stringify(text) }));
}

function withoutTexts(bytes: Uint8Array, head: Json, [block]: readonly Block[], format: JsonHead) {
  const texts = format.textsIn(head) as Json;
  for (const name of Object.keys(texts)) if (format.isText(name)) delete texts[name];
  const json = new TextEncoder().encode(JSON.stringify(head));
  const length = Math.ceil(json.length / format.multiple) * format.multiple;
  const rest = bytes.subarray(block!.end);
  const kept = new Uint8Array(format.start + length + rest.length);
  kept.set(bytes.subarray(0, format.start));
  kept.fill(0x20, format.start, format.start + length);
  kept.set(json, format.start);
  kept.set(rest, format.start + length);
  viewOf(kept).setUint32(format.lengthAt, length, true);
  if (format.totalAt) viewOf(kept).setUint32(format.totalAt, kept.length, true);
  return kept;
}
