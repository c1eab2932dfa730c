import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HeuristError } from '@heurist/core';

/** What is known of a file before it arrives. */
export interface Expected {
  bytes: number;
  /** Where the sender has said it. */
  sha256?: string | undefined;
}

/** Where inputs and outputs are kept. */
export interface ArtifactStore {
  /** Stores a file whole, or not at all. Throws `invalid_request` when it is not as announced. */
  write(artifact_id: string, body: ReadableStream<Uint8Array>, expected: Expected): Promise<{ sha256: string }>;
  read(artifact_id: string): Promise<ReadableStream<Uint8Array>>;
  /** One that is not there is deleted already. */
  delete(artifact_id: string): Promise<void>;
}

/** Keeps artifacts in a folder. Ids are UUIDs that the sequencer made, so they are safe as names. */
export function createFolderStore(folder: string): ArtifactStore {
  const pathOf = (artifact_id: string) => join(folder, artifact_id.slice(0, 2), artifact_id);
  return {
    async write(artifact_id, body, expected) {
      const path = pathOf(artifact_id);
      const temporary = `${path}.${crypto.randomUUID()}.part`;
      await mkdir(join(folder, artifact_id.slice(0, 2)), { recursive: true });
      try {
        const sha256 = await receive(body, temporary, expected);
        await rename(temporary, path);
        return { sha256 };
      } finally {
        await rm(temporary, { force: true });
      }
    },
    delete: async (artifact_id) => await rm(pathOf(artifact_id), { force: true }),
    read: async (artifact_id) => Readable.toWeb(createReadStream(pathOf(artifact_id))) as ReadableStream<Uint8Array>,
  };
}

async function receive(body: ReadableStream<Uint8Array>, path: string, { bytes, sha256 }: Expected): Promise<string> {
  const hash = createHash('sha256');
  let received = 0;
  const refuse = (message: string) => new HeuristError(message, { code: 'invalid_request' });
  const measure = new Transform({
    transform(chunk: Buffer, _, next) {
      received += chunk.length;
      hash.update(chunk);
      next(received > bytes ? refuse(`The file is longer than the ${bytes} bytes announced.`) : null, chunk);
    },
  });
  await pipeline(Readable.fromWeb(body as never), measure, createWriteStream(path));
  const found = hash.digest('hex');
  if (received !== bytes) throw refuse(`The file has ${received} bytes, ${bytes} were announced. Send it again.`);
  if (sha256 && found !== sha256) throw refuse('The file does not have the SHA-256 announced. Send it again.');
  return found;
}

/** Whether a text has the form of the ids that the sequencer makes. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
