import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HeuristError } from '@heurist/core';
import { type Arrival, checkArrival, createMeasure, type Expected, type OwnStore } from './artifact-store.ts';

/** Keeps artifacts in a folder. Their ids are UUIDs that the sequencer created, so they are safe as file names. */
export function createFolderStore(folder: string): OwnStore {
  const pathOf = (artifact_id: string) => join(folder, artifact_id.slice(0, 2), artifact_id);
  return {
    isDirect: false,
    async write(artifact_id, body, expected) {
      const path = pathOf(artifact_id);
      const temporary = `${path}.${crypto.randomUUID()}.part`;
      await mkdir(join(folder, artifact_id.slice(0, 2)), { recursive: true });
      try {
        const arrival = await receive(body, temporary, expected);
        await rename(temporary, path);
        return arrival;
      } finally {
        await rm(temporary, { force: true });
      }
    },
    delete: async (artifact_id) => await rm(pathOf(artifact_id), { force: true }),
    read: async (artifact_id) => Readable.toWeb(createReadStream(pathOf(artifact_id))) as ReadableStream<Uint8Array>,
  };
}

async function receive(body: ReadableStream<Uint8Array>, path: string, expected: Expected): Promise<Arrival> {
  const measure = createMeasure();
  const check = new Transform({
    transform(chunk: Buffer, _, next) {
      const message = `The file is longer than its declared ${expected.bytes} bytes. Declare its real size.`;
      const isTooLong = measure.add(chunk) > expected.bytes;
      next(isTooLong ? new HeuristError(message, { code: 'invalid_request' }) : null, chunk);
    },
  });
  await pipeline(Readable.fromWeb(body as never), check, createWriteStream(path));
  return checkArrival(measure.result(), expected);
}
