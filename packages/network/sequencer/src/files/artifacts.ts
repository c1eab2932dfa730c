import { randomUUID } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { kindOfMedia } from '@heurist/core/protocol';
import { batch } from '@heurist/server-kit/batch';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { CallerLimits } from '../access/limits/caller-limits.ts';
import { defaultLimits, type NetworkLimits } from '../access/limits/limits.ts';
import { takeSessionFile } from '../access/sessions/session-table.ts';
import type { Signer } from '../access/signer.ts';
import type { Database } from '../database/database.ts';
import { isUuid } from '../database/uuid.ts';
import { checkInput, checkOutput } from './artifact-limits.ts';
import type { Arrival, ArtifactStore, Expected } from './artifact-store.ts';
import {
  type Artifact,
  type ArtifactDescription,
  findAttemptOutputs,
  findInput,
  hasKey,
  insertArtifact,
  lockArtifacts,
  measureInputs,
  measureOutputs,
  readArtifacts,
  recordArrival,
  renewInput,
} from './artifact-table.ts';

/** How long signed URLs are valid, in seconds. Each query returns fresh ones. */
const READ_SECONDS = 24 * 3600;
const WRITE_SECONDS = 3600;

/** How often the key of an upload is looked up. */
const KEY_CHECK_MS = 1000;

interface ArtifactOptions {
  clock?: Clock;
  limits?: NetworkLimits;
  /** How old a file may be that is used again for the same content, in days: well below how long files are kept. Default 1. */
  reuseDays?: number;
  /** A file has arrived, for the first time. */
  onStored?: (kind: 'input' | 'output', bytes: number) => void;
  /** The storage could not take a file, or not say whether it has it. */
  onFailure?: (artifact: Artifact, error: HeuristError) => Promise<void>;
}

interface Declaration {
  /** The attempt that made it; missing for an input. */
  lease?: { task_id: string; attempt: number };
  /** The key that must still be valid when the bytes arrive. */
  key_id?: string;
  /** The session that declares it, which counts its files. */
  session_id?: string | undefined;
  /** Those of the caller. Default: the network's. */
  limits?: CallerLimits;
}

/** Files on their way in and out, by signed URLs that expire. */
export class Artifacts {
  readonly #database: Database;
  readonly #limits: NetworkLimits;
  readonly #store: ArtifactStore;
  readonly #signer: Signer;
  readonly #clock: Clock;
  readonly #reuseDays: number;
  readonly #onFailure: NonNullable<ArtifactOptions['onFailure']>;
  readonly #onStored: ArtifactOptions['onStored'];
  readonly #read = batch((artifact_ids: readonly string[]) => readArtifacts(this.#database, artifact_ids));
  readonly #outputs = batch((leases: readonly { task_id: string; attempt: number }[]) =>
    findAttemptOutputs(this.#database, leases),
  );

  constructor(
    database: Database,
    store: ArtifactStore,
    signer: Signer,
    {
      clock = systemClock,
      limits = defaultLimits,
      reuseDays = 1,
      onStored,
      onFailure = async () => {},
    }: ArtifactOptions = {},
  ) {
    this.#onStored = onStored;
    this.#onFailure = onFailure;
    this.#reuseDays = reuseDays;
    this.#database = database;
    this.#limits = limits;
    this.#store = store;
    this.#signer = signer;
    this.#clock = clock;
  }

  /**
   * Declares a file. Its sender then puts the bytes to the upload URL.
   *
   * @throws {HeuristError} `payload_too_large` or `rate_limited` over a limit of its attempt, owner or key
   */
  async declare(owner: string, description: ArtifactDescription, declaration: Declaration = {}): Promise<string> {
    const artifact_id = randomUUID();
    const { lease, key_id, session_id, limits = { shared: this.#limits, own: this.#limits } } = declaration;
    const { task_id = null, attempt = null } = lease ?? {};
    await this.#database.transaction(async (sql) => {
      await lockArtifacts(sql, task_id ?? owner);
      if (lease) checkOutput(limits.own, description, await measureOutputs(sql, lease));
      else checkInput(limits.shared, description, await measureInputs(sql, owner, this.#announced()));
      if (!lease && key_id && limits.own !== limits.shared)
        checkInput(limits.own, description, await measureInputs(sql, owner, this.#announced(), key_id));
      if (session_id && !(await takeSessionFile(sql, session_id))) throw noMoreFiles();
      await insertArtifact(sql, { artifact_id, owner, key_id: key_id || null, task_id, attempt, description });
    });
    return artifact_id;
  }

  /**
   * A file of an owner that has this content already, and is whole. It stays as long as one that is uploaded now.
   *
   * @returns its id
   */
  async findStored(owner: string, description: ArtifactDescription): Promise<string | undefined> {
    if (!description.sha256) return undefined;
    const artifact = await findInput(this.#database, owner, description, this.#reuseDays);
    if (!artifact || !(await this.#isWhole(artifact))) return undefined;
    await renewInput(this.#database, artifact.artifact_id);
    return artifact.artifact_id;
  }

  /** A file that cannot be read now is uploaded again. */
  async #isWhole(artifact: Artifact): Promise<boolean> {
    try {
      if (!(await this.confirmStored(artifact))) return false;
      await this.checkWhole(artifact);
      return true;
    } catch {
      return false;
    }
  }

  /** How long a file counts that was announced and not stored; a direct store does not tell when files arrive. */
  #announced(): number {
    return this.#store.isDirect ? Number.POSITIVE_INFINITY : this.#limits.announcedMinutes;
  }

  /** Where the sender puts the bytes of a declared file, and the headers to send along. */
  async uploadSlot(
    artifact_id: string,
    expected: Expected,
    linkBase: string,
  ): Promise<{ upload_url: string; upload_headers?: Record<string, string> }> {
    if (!this.#store.isDirect) return { upload_url: this.signUrl(artifact_id, 'write', linkBase) };
    const { url, headers } = await this.#store.uploadSlot(artifact_id, expected);
    return { upload_url: url, ...(Object.keys(headers).length && { upload_headers: headers }) };
  }

  /** Where files of this network are read: at the server that the caller talks to, which may redirect to the storage. */
  originsOf(origin: string): string[] {
    const storage = this.#store.isDirect ? this.#store.origin : undefined;
    return [...new Set([new URL(origin).origin, ...(storage ? [storage] : [])])];
  }

  /** Receives the bytes of a declared file. Sending the same file twice does no harm. */
  async write(artifact_id: string, body: ReadableStream<Uint8Array>): Promise<void> {
    if (this.#store.isDirect) throw new HeuristError('Upload to the storage URL instead.', { code: 'not_found' });
    const artifact = await this.get(artifact_id);
    await this.#checkKey(artifact);
    const checked = body.pipeThrough(this.#whileKeyIsValid(artifact));
    const written = this.#store.write(artifact_id, checked, artifact.description);
    await this.#recordArrival(artifact, await this.#reported(artifact, written));
  }

  /** Stores a declared file that the sequencer itself has received, whatever the storage. */
  async store(artifact_id: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (!this.#store.isDirect) return await this.write(artifact_id, new Blob([bytes]).stream());
    const artifact = await this.get(artifact_id);
    await this.#reported(artifact, this.#store.write(artifact_id, bytes, artifact.description));
  }

  /** @throws {HeuristError} `forbidden` */
  async #checkKey({ key_id }: Artifact): Promise<void> {
    if (!key_id || (await hasKey(this.#database, key_id))) return;
    throw new HeuristError(
      'The key that declared this file was revoked, or has expired. Use a valid key and declare it again.',
      {
        code: 'forbidden',
      },
    );
  }

  /** Looks at the key again as the bytes pass, and before the last: an upload may take an hour. */
  #whileKeyIsValid(artifact: Artifact): TransformStream<Uint8Array, Uint8Array> {
    let checkedAt = this.#clock.now();
    const check = async () => {
      if (Math.abs(this.#clock.now() - checkedAt) < KEY_CHECK_MS) return;
      checkedAt = this.#clock.now();
      await this.#checkKey(artifact);
    };
    return new TransformStream({
      async transform(chunk, controller) {
        await check();
        controller.enqueue(chunk);
      },
      flush: check,
    });
  }

  /** The answer of the storage. If it fails, that is reported. */
  async #reported<T>(artifact: Artifact, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (HeuristError.isInstance(error) && error.code === 'unavailable') await this.#onFailure(artifact, error);
      throw error;
    }
  }

  /** @throws {HeuristError} `unavailable` if no file can be stored now */
  async checkStore(): Promise<void> {
    await this.#store.check?.();
  }

  /** Bytes that are free on the disk of the storage; `undefined` if it is not on this machine. */
  async freeBytes(): Promise<number | undefined> {
    return await this.#store.freeBytes?.();
  }

  async #recordArrival({ artifact_id, description, task_id, stored_at }: Artifact, { sha256 }: Arrival): Promise<void> {
    await recordArrival(this.#database, artifact_id, { ...description, ...(sha256 && { sha256 }) });
    if (!stored_at) this.#onStored?.(task_id === null ? 'input' : 'output', description.bytes);
  }

  /** Checks whether a file is stored, whole. One that was uploaded directly is checked the first time it is needed. */
  async confirmStored(artifact: Artifact): Promise<boolean> {
    if (artifact.stored_at || !this.#store.isDirect) return artifact.stored_at !== null;
    const { artifact_id, description } = artifact;
    const arrival = await this.#reported(artifact, this.#store.confirm(artifact_id, description));
    if (arrival) await this.#recordArrival(artifact, arrival);
    return arrival !== undefined;
  }

  /** @throws {HeuristError} `not_found` for a stored file that is gone since, or is no longer whole */
  async checkWhole({ artifact_id, description }: Artifact): Promise<void> {
    if ((await this.#store.sizeOf(artifact_id)) === description.bytes) return;
    throw new HeuristError('This file is no longer in the storage of the network.', { code: 'not_found' });
  }

  /**
   * The bytes of a file, or the URL at which the storage serves them, which then says itself if it is gone.
   *
   * @throws {HeuristError} `not_found` as `checkWhole`
   */
  async read(artifact: Artifact): Promise<ReadableStream<Uint8Array> | URL> {
    const { artifact_id, description } = artifact;
    if (!this.#store.isDirect) {
      await this.checkWhole(artifact);
      return await this.#store.read(artifact_id);
    }
    const { content_type } = description;
    const as = { content_type, disposition: dispositionOf(artifact_id, description) };
    return new URL(await this.#store.downloadUrl(artifact_id, as));
  }

  /** The first bytes of a stored file, enough to tell its media type; `undefined` if only the storage can read it. */
  async readStart({ artifact_id }: Artifact): Promise<Uint8Array | undefined> {
    if (this.#store.isDirect) return undefined;
    const reader = (await this.#store.read(artifact_id)).getReader();
    try {
      return (await reader.read()).value ?? new Uint8Array();
    } finally {
      await reader.cancel();
    }
  }

  /** @throws {HeuristError} `not_found` */
  async get(artifact_id: string): Promise<Artifact> {
    const [artifact] = await this.list([artifact_id]);
    if (!artifact)
      throw new HeuristError('There is no such file. It may have been deleted with its task.', { code: 'not_found' });
    return artifact;
  }

  /** The files that one attempt has declared. */
  async outputsOf(lease: { task_id: string; attempt: number }): Promise<Artifact[]> {
    return await this.#outputs(lease);
  }

  /** Artifacts by their ids, in that order; unknown ones are left out. */
  async list(artifact_ids: readonly string[]): Promise<Artifact[]> {
    const found = await Promise.all(artifact_ids.filter(isUuid).map(this.#read));
    return found.filter((artifact) => artifact !== undefined);
  }

  /** A signed URL of a file, at the server that the caller talks to: `linkBase` is what its links begin with. */
  signUrl(artifact_id: string, action: 'read' | 'write', linkBase: string): string {
    const seconds = action === 'read' ? READ_SECONDS : WRITE_SECONDS;
    const expires = Math.floor(this.#clock.now() / 1000) + seconds;
    const url = new URL(`artifacts/${artifact_id}`, linkBase.replace(/\/*$/, '/'));
    url.searchParams.set('expires', `${expires}`);
    url.searchParams.set('signature', this.#signer.sign(`${action}:${artifact_id}:${expires}`));
    return url.href;
  }

  /** @throws {HeuristError} `forbidden` for a URL that was changed or has expired */
  checkUrl(artifact_id: string, action: 'read' | 'write', expires: string, signature: string): void {
    if (!this.#signer.isValid(`${action}:${artifact_id}:${expires}`, signature))
      throw new HeuristError('The signature of this URL is not valid. Use the URL unchanged.', { code: 'forbidden' });
    if (Number(expires) < this.#clock.now() / 1000)
      throw new HeuristError('This URL has expired. Query the task again for a fresh one.', { code: 'forbidden' });
  }

  /**
   * Gives a miner fresh URLs for the network's own files among a task's parameters: the consumer's may have expired in
   * the queue, or use an address of the server that only the consumer can reach.
   */
  refreshUrls<T>(value: T, linkBase: string): T {
    if (typeof value === 'string') return (this.#refresh(value, linkBase) ?? value) as T;
    if (Array.isArray(value)) return value.map((inner) => this.refreshUrls(inner, linkBase)) as T;
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value).map(([key, inner]) => [key, this.refreshUrls(inner, linkBase)]);
    return Object.fromEntries(entries) as T;
  }

  #refresh(text: string, linkBase: string): string | undefined {
    const artifact_id = this.idOf(text);
    return artifact_id && this.signUrl(artifact_id, 'read', linkBase);
  }

  /** The file that an address of this network leads to, even if the address has expired. */
  idOf(text: string): string | undefined {
    const match =
      /^https?:\/\/[^/?#]+(?:\/[^?#]*)?\/artifacts\/([0-9a-f-]{36})\?expires=(\d+)&signature=([\w-]+)$/.exec(text);
    const [, artifact_id = '', expires, signature = ''] = match ?? [];
    const isOurs = match && this.#signer.isValid(`read:${artifact_id}:${expires}`, signature);
    return isOurs ? artifact_id : undefined;
  }
}

const noMoreFiles = () =>
  new HeuristError(
    'The session may upload no more files, or has ended. Ask the server of your app for a new session token.',
    { code: 'forbidden' },
  );

/**
 * How a browser should name a file, without characters that could break out of the header. Only raster images, video and
 * audio are shown: anything else, such as HTML or SVG, could run as a page of the storage that serves it.
 */
export function dispositionOf(
  artifact_id: string,
  { filename = artifact_id, content_type }: ArtifactDescription,
): string {
  const isShown = ['image', 'video', 'audio'].includes(kindOfMedia(content_type));
  return `${isShown ? 'inline' : 'attachment'}; filename="${filename.replaceAll(/[^\w.() -]/g, '_')}"`;
}
