import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HeuristError, sniffMediaType } from '@heurist/core';

/** What is known of a file before it arrives. */
export interface Expected {
  bytes: number;
  content_type: string;
  /** Where the sender has said it. */
  sha256?: string | undefined;
}

/** Where inputs and outputs are kept. */
export type ArtifactStore = OwnStore | DirectStore;

interface AnyStore {
  /** One that is not there is deleted already. */
  delete(artifact_id: string): Promise<void>;
}

/** A store whose files pass through the sequencer. */
export interface OwnStore extends AnyStore {
  isDirect: false;
  /** Stores a file whole, or not at all. Throws `invalid_request` when it is not as announced. */
  write(artifact_id: string, body: ReadableStream<Uint8Array>, expected: Expected): Promise<Arrival>;
  read(artifact_id: string): Promise<ReadableStream<Uint8Array>>;
}

/** A store that senders and readers talk to themselves, by addresses that it has signed. */
export interface DirectStore extends AnyStore {
  isDirect: true;
  /** Where to put the bytes of an announced file, and the headers to send along. */
  uploadSlot(artifact_id: string, expected: Expected): Promise<{ url: string; headers: Record<string, string> }>;
  /** Where to fetch a file. */
  downloadUrl(artifact_id: string, as: { content_type: string; disposition: string }): Promise<string>;
  /** Looks whether a file has arrived. Throws `invalid_request` when it is not as announced. */
  confirm(artifact_id: string, expected: Expected): Promise<Arrival | undefined>;
}

/** What a file was found to be when it had arrived. */
export interface Arrival {
  sha256?: string | undefined;
}

/** A file as it was found. */
export interface Found {
  bytes: number;
  sha256?: string | undefined;
  /** Its first bytes, 16 at least if it has so many. */
  start: Uint8Array;
}

/** What browsers show is what it claims to be, or it is not taken. */
const PICTURES = /^image\/(png|jpeg|gif|webp)$/;

/** @throws {HeuristError} `invalid_request` for a file that is not as announced */
export function checkArrival({ bytes, sha256, start }: Found, expected: Expected): Arrival {
  const refuse = (message: string) => new HeuristError(message, { code: 'invalid_request' });
  if (bytes !== expected.bytes)
    throw refuse(`The file has ${bytes} bytes, ${expected.bytes} were announced. Send it again.`);
  if (expected.sha256 && sha256 && sha256 !== expected.sha256)
    throw refuse('The file does not have the SHA-256 announced. Send it again.');
  const type = sniffMediaType(start);
  if (PICTURES.test(expected.content_type) && type !== expected.content_type)
    throw refuse(`The file was announced as ${expected.content_type} and is ${type ?? 'nothing of the kind'}.`);
  return { sha256 };
}

/** Keeps artifacts in a folder. Ids are UUIDs that the sequencer made, so they are safe as names. */
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
      const message = `The file is longer than the ${expected.bytes} bytes announced.`;
      const isTooLong = measure.add(chunk) > expected.bytes;
      next(isTooLong ? new HeuristError(message, { code: 'invalid_request' }) : null, chunk);
    },
  });
  await pipeline(Readable.fromWeb(body as never), check, createWriteStream(path));
  return checkArrival(measure.found(), expected);
}

/** Finds out what a file is while it passes. */
export function createMeasure() {
  const hash = createHash('sha256');
  let bytes = 0;
  let start = Buffer.alloc(0);
  return {
    /** Returns how many bytes have passed. */
    add(chunk: Uint8Array): number {
      hash.update(chunk);
      if (start.length < 16) start = Buffer.concat([start, chunk.subarray(0, 16)]);
      bytes += chunk.length;
      return bytes;
    },
    /** Once, at the end. */
    found: (): Found => ({ bytes, sha256: hash.digest('hex'), start }),
  };
}

/** Whether a text has the form of the ids that the sequencer makes. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
