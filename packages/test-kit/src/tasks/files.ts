import { createHash, randomUUID } from 'node:crypto';
import type { OutputDescription, TaskOutput } from '@heurist/core';

/** A file that a test task makes. */
export interface TestFile {
  /** What is in it. Default: a PNG of one pixel. */
  bytes?: Uint8Array | string | undefined;
  /** Media type. Default `image/png` without `bytes`, else `application/octet-stream`. */
  content_type?: string | undefined;
  /** Default `output.png`, or `output` with `bytes`. */
  filename?: string | undefined;
  /** Default: by `content_type`. */
  kind?: TaskOutput['kind'] | undefined;
  /** Pixels. */
  width?: number | undefined;
  /** Pixels. */
  height?: number | undefined;
}

/** A file that the test sequencer keeps in memory. */
export interface StoredFile {
  content_type: string;
  /** Undefined until it is uploaded. */
  bytes: Uint8Array | undefined;
  /** What was declared for an upload. */
  declared: number;
  read: string;
  write: string;
}

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAwEpTUwAAAABJRU5ErkJggg==',
  'base64',
);

/** Files by their ids: what apps upload and what tasks make. */
export class FileShelf {
  readonly files = new Map<string, StoredFile>();

  /** What apps uploaded, in order. */
  uploads: Uint8Array[] = [];

  clear(): void {
    this.files.clear();
    this.uploads = [];
  }

  add(content_type: string, declared: number, bytes?: Uint8Array): string {
    const id = randomUUID();
    this.files.set(id, { content_type, declared, bytes, read: randomUUID(), write: randomUUID() });
    return id;
  }

  /** What an app uploaded with this content, as a sequencer finds it again. */
  find(sha256: string, content_type: string): string | undefined {
    const isSame = (file: StoredFile) =>
      file.bytes &&
      file.content_type === content_type &&
      createHash('sha256').update(file.bytes).digest('hex') === sha256;
    return [...this.files].find(([, file]) => isSame(file))?.[0];
  }

  /** Keeps what a task made, and describes it as a sequencer does. */
  output(file: TestFile, origin: string): OutputDescription {
    const bytes = file.bytes === undefined ? PIXEL : Buffer.from(file.bytes as Uint8Array);
    const isPixel = file.bytes === undefined;
    const { content_type = isPixel ? 'image/png' : 'application/octet-stream' } = file;
    const { filename = isPixel ? 'output.png' : 'output', kind = kindOf(content_type) } = file;
    const { width = isPixel ? 1 : undefined, height = isPixel ? 1 : undefined } = file;
    const id = this.add(content_type, bytes.byteLength, bytes);
    return {
      url: this.url(id, 'read', origin),
      kind,
      content_type,
      bytes: bytes.byteLength,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      filename,
      ...(width !== undefined && { width }),
      ...(height !== undefined && { height }),
      ...(kind === 'text' && { text: Buffer.from(bytes).toString() }),
    };
  }

  url(id: string, action: 'read' | 'write', origin: string): string {
    return `${origin}/artifacts/${id}?expires=4102444800&signature=${this.files.get(id)![action]}`;
  }
}

function kindOf(content_type: string): TaskOutput['kind'] {
  const [kind] = content_type.split('/');
  return kind === 'image' || kind === 'video' || kind === 'audio' || kind === 'text' ? kind : 'file';
}
