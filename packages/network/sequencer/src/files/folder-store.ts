import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HeuristError } from '@heurist/core';
import { freeBytes } from '@heurist/server-kit/free-bytes';
import { type Arrival, checkArrival, createMeasure, type Expected, type OwnStore } from './artifact-store.ts';

/**
 * Keeps artifacts in a folder. A relative path is resolved now: Node's recursive mkdir of one runs for ever, on a whole core,
 * once the working directory is gone.
 *
 * Ids of artifacts are UUIDs that the sequencer created, so they are safe as file names.
 */
export function createFolderStore(folder: string): OwnStore {
  return createSyncedStore(resolve(folder), syncPath);
}

/** @param sync - brings a file, or the names in a folder, to the disk: tests watch it */
export function createSyncedStore(folder: string, sync: (path: string) => Promise<void>): OwnStore {
  const pathOf = (artifact_id: string) => join(folder, artifact_id.slice(0, 2), artifact_id);
  /** Folders whose names are on the disk: another upload may have made one, and be on its way to bring its name there. */
  const named = new Set<string>();
  async function syncName(path: string): Promise<void> {
    if (named.has(path)) return;
    await sync(dirname(path));
    named.add(path);
  }

  return {
    isDirect: false,
    async write(artifact_id, body, expected) {
      const path = pathOf(artifact_id);
      const temporary = `${path}.${crypto.randomUUID()}.part`;
      try {
        await mkdir(dirname(path), { recursive: true });
        const arrival = await receive(body, temporary, expected);
        // a power failure after the answer must find the bytes first, and then the name
        await sync(temporary);
        await rename(temporary, path);
        await sync(dirname(path));
        await syncName(dirname(path));
        return arrival;
      } catch (error) {
        throw describeFailure(error, 'The file cannot be stored');
      } finally {
        await rm(temporary, { force: true }).catch(() => {});
      }
    },
    delete: async (artifact_id) => await rm(pathOf(artifact_id), { force: true }),
    async read(artifact_id) {
      const file = await open(pathOf(artifact_id)).catch((error) => {
        throw describeFailure(error, 'The file cannot be read');
      });
      return Readable.toWeb(file.createReadStream()) as ReadableStream<Uint8Array>;
    },
    async sizeOf(artifact_id) {
      try {
        const found = await stat(pathOf(artifact_id));
        return found.isFile() ? found.size : undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw describeFailure(error, 'The file cannot be read');
      }
    },
    freeBytes: () => freeBytes(folder),
    async check() {
      const probe = join(folder, `.check-${crypto.randomUUID()}`);
      try {
        const first = await mkdir(folder, { recursive: true });
        for (const made of first ? [resolve(folder), resolve(first)] : []) await syncName(made);
        await writeFile(probe, 'can be written');
      } catch (cause) {
        throw new HeuristError(
          `Files cannot be stored in ${folder} (${(cause as Error).message}). Check that it can be written and that its disk has space.`,
          { code: 'unavailable', cause },
        );
      } finally {
        await rm(probe, { force: true }).catch(() => {});
      }
    },
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

/** What a disk does, for callers: without paths of this machine. */
function describeFailure(error: unknown, what: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined || HeuristError.isInstance(error)) return error;
  if (code === 'ENOENT' && what.endsWith('read'))
    return new HeuristError('This file is no longer in the storage of the network.', {
      code: 'not_found',
      cause: error,
    });
  const message = `${what} (${code}). Try again later; the operator of this network must check its disk.`;
  return new HeuristError(message, { code: 'unavailable', isRetryable: true, cause: error });
}

/** Some systems cannot sync a folder, or have no need to. */
const UNSYNCABLE = new Set(['EISDIR', 'EPERM', 'EACCES', 'EINVAL']);

async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (!UNSYNCABLE.has(error.code ?? '')) throw error;
  });
  try {
    await file?.sync();
  } catch (error) {
    if (!UNSYNCABLE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await file?.close();
  }
}
