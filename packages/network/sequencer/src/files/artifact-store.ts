import { createHash } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { kindOfMedia, mediaTypeOf } from '@heurist/core/protocol';
import type { Clock } from '@heurist/server-kit/clock';

/** What its sender declared about a file before it arrives. */
export interface Expected {
  bytes: number;
  content_type: string;
  /** Hexadecimal. Missing if the sender declared none. */
  sha256?: string | undefined;
}

/** Where inputs and outputs are kept. */
export type ArtifactStore = OwnStore | DirectStore;

interface AnyStore {
  /** Deletes a file. One that does not exist is already deleted. */
  delete(artifact_id: string): Promise<void>;
  /** Bytes of a stored file; `undefined` if there is none. */
  sizeOf(artifact_id: string): Promise<number | undefined>;
  /** Bytes that are free on its disk. Missing if that cannot be told. */
  freeBytes?(): Promise<number>;
  /** Throws `unavailable` if nothing can be stored now. Missing if that cannot be told. */
  check?(): Promise<void>;
}

/** A store whose files pass through the sequencer. */
export interface OwnStore extends AnyStore {
  isDirect: false;
  /** Stores a file whole, or not at all. Throws `invalid_request` if it is not as declared. */
  write(artifact_id: string, body: ReadableStream<Uint8Array>, expected: Expected): Promise<Arrival>;
  read(artifact_id: string): Promise<ReadableStream<Uint8Array>>;
}

/** A store that senders and readers reach directly, by URLs that it has signed. */
export interface DirectStore extends AnyStore {
  isDirect: true;
  /**
   * Dates its signatures by this clock: the storage refuses one that is 15 minutes off. A sequencer passes the clock of the
   * database. Default: that of this machine.
   */
  useClock?(clock: Pick<Clock, 'now'>): void;
  /** Where its URLs lead, for miners in the same private network. */
  readonly origin?: string;
  /** Where to put the bytes of a declared file, and the headers to send along. */
  uploadSlot(artifact_id: string, expected: Expected): Promise<{ url: string; headers: Record<string, string> }>;
  /** Stores a file that the sequencer itself has. Throws `unavailable`. */
  write(artifact_id: string, bytes: Uint8Array<ArrayBuffer>, expected: Expected): Promise<void>;
  /** Where to fetch a file. */
  downloadUrl(artifact_id: string, as: { content_type: string; disposition: string }): Promise<string>;
  /** Checks a file that has arrived; `undefined` if it has not. Throws `invalid_request` if it is not as declared. */
  confirm(artifact_id: string, expected: Expected): Promise<Arrival | undefined>;
}

/** What is known of a file once it has arrived. */
export interface Arrival {
  sha256?: string | undefined;
}

/** A file as it was measured. */
export interface MeasuredFile {
  bytes: number;
  sha256?: string | undefined;
  /** Its first bytes: at least 16, or all of them. */
  start: Uint8Array;
}

/** How many of a file's first bytes tell its media type. */
const START_BYTES = 16;

/** What browsers show in place must be what it claims to be. Anything else is only downloaded. */
function isAsDeclared(content_type: string, found: string | undefined): boolean {
  const kind = kindOfMedia(content_type);
  if (kind === 'image') return found === content_type.split(';')[0]!.trim().toLowerCase();
  // the containers of films hold sounds, too
  if (kind === 'video' || kind === 'audio') return /^(video|audio)\//.test(found ?? '');
  return true;
}

/** Its container is that of films. */
const isAvif = (start: Uint8Array) => /^ftypavi[fs]/.test(String.fromCharCode(...start.subarray(4, START_BYTES)));

/** @throws {HeuristError} `invalid_request` for a file that is not as declared */
export function checkArrival({ bytes, sha256, start }: MeasuredFile, expected: Expected): Arrival {
  const refuse = (message: string) => new HeuristError(message, { code: 'invalid_request' });
  if (bytes !== expected.bytes)
    throw refuse(`The file has ${bytes} bytes, but was declared with ${expected.bytes}. Send it again.`);
  if (expected.sha256 && sha256 && sha256 !== expected.sha256)
    throw refuse('The SHA-256 of the file is not the declared one. Send it again.');
  const type = isAvif(start) ? 'image/avif' : mediaTypeOf(start);
  if (!isAsDeclared(expected.content_type, type))
    throw refuse(
      `The file was declared as ${expected.content_type}, but its content is ${type ?? 'not'}. Declare its real media type.`,
    );
  return { sha256 };
}

/** Measures a file while its bytes pass. */
export function createMeasure() {
  const hash = createHash('sha256');
  let bytes = 0;
  let start = Buffer.alloc(0);
  return {
    /** Returns how many bytes have passed. */
    add(chunk: Uint8Array): number {
      hash.update(chunk);
      if (start.length < START_BYTES) start = Buffer.concat([start, chunk.subarray(0, START_BYTES)]);
      bytes += chunk.length;
      return bytes;
    },
    /** Once, at the end. */
    result: (): MeasuredFile => ({ bytes, sha256: hash.digest('hex'), start }),
  };
}
