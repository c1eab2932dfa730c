import { randomUUID } from 'node:crypto';
import { HeuristError, type TaskOutput } from '@heurist/core';
import { grouped, inOrder } from '@heurist/server-kit/batch';
import type { Signer } from '../access/tokens.ts';
import type { Sql } from '../database/database.ts';
import { type Arrival, type ArtifactStore, type Expected, isUuid } from './folder-store.ts';

/** What is known of an artifact: an output without its address. */
export type ArtifactDescription = Partial<Omit<TaskOutput, 'url'>> & { content_type: string; bytes: number };

/** An announced or stored file. */
export interface Artifact {
  artifact_id: string;
  owner: string;
  task_id: string | null;
  attempt: number | null;
  description: ArtifactDescription;
  stored_at: Date | null;
}

/** How long addresses hold, in seconds. A query gives fresh ones. */
const READ_SECONDS = 24 * 3600;
const WRITE_SECONDS = 3600;

/** Files on their way in and out, by signed addresses that expire. */
export class Artifacts {
  readonly #sql: Sql;
  readonly #store: ArtifactStore;
  readonly #signer: Signer;
  readonly #find = grouped((artifact_ids: readonly string[]) => findAll(this.#sql, artifact_ids));

  constructor(sql: Sql, store: ArtifactStore, signer: Signer) {
    this.#sql = sql;
    this.#store = store;
    this.#signer = signer;
  }

  /** Announces a file. The sender then puts its bytes to the write address. */
  async announce(
    owner: string,
    description: ArtifactDescription,
    lease?: { task_id: string; attempt: number },
  ): Promise<string> {
    const artifact_id = randomUUID();
    await this.#sql.query(
      'INSERT INTO heurist.artifact (artifact_id, owner, task_id, attempt, description) VALUES ($1, $2, $3, $4, $5)',
      [artifact_id, owner, lease?.task_id ?? null, lease?.attempt ?? null, JSON.stringify(description)],
    );
    return artifact_id;
  }

  /** Where the sender puts the bytes of an announced file, and the headers to send along. */
  async uploadSlot(
    artifact_id: string,
    expected: Expected,
    origin: string,
  ): Promise<{ upload_url: string; upload_headers?: Record<string, string> }> {
    if (!this.#store.isDirect) return { upload_url: this.address(artifact_id, 'write', origin) };
    const { url, headers } = await this.#store.uploadSlot(artifact_id, expected);
    return { upload_url: url, ...(Object.keys(headers).length && { upload_headers: headers }) };
  }

  /** Receives the bytes of an announced file. Sending the same file twice does no harm. */
  async write(artifact_id: string, body: ReadableStream<Uint8Array>): Promise<void> {
    if (this.#store.isDirect) throw new HeuristError('Files go to the storage itself.', { code: 'not_found' });
    const artifact = await this.get(artifact_id);
    await this.#hasArrived(artifact, await this.#store.write(artifact_id, body, artifact.description));
  }

  async #hasArrived({ artifact_id, description }: Artifact, { sha256 }: Arrival): Promise<void> {
    await this.#sql.query('UPDATE heurist.artifact SET stored_at = now(), description = $2 WHERE artifact_id = $1', [
      artifact_id,
      JSON.stringify({ ...description, ...(sha256 && { sha256 }) }),
    ]);
  }

  /** Whether a file is there, whole. One that went to the storage itself is looked for when it is first needed. */
  async isStored(artifact: Artifact): Promise<boolean> {
    if (artifact.stored_at || !this.#store.isDirect) return artifact.stored_at !== null;
    const arrival = await this.#store.confirm(artifact.artifact_id, artifact.description);
    if (arrival) await this.#hasArrived(artifact, arrival);
    return arrival !== undefined;
  }

  /** The bytes of a file, or the address at which the storage gives them. */
  async read({ artifact_id, description }: Artifact): Promise<ReadableStream<Uint8Array> | URL> {
    if (!this.#store.isDirect) return await this.#store.read(artifact_id);
    const { content_type } = description;
    const as = { content_type, disposition: dispositionOf(artifact_id, description) };
    return new URL(await this.#store.downloadUrl(artifact_id, as));
  }

  async get(artifact_id: string): Promise<Artifact> {
    const [artifact] = await this.list([artifact_id]);
    if (!artifact) throw new HeuristError('There is no such file.', { code: 'not_found' });
    return artifact;
  }

  /** Artifacts by their ids, in that order; unknown ones are left out. */
  async list(artifact_ids: readonly string[]): Promise<Artifact[]> {
    const found = await Promise.all(artifact_ids.filter(isUuid).map(this.#find));
    return found.filter((artifact) => artifact !== undefined);
  }

  /** A signed address of a file, at the server that the caller talks to. */
  address(artifact_id: string, action: 'read' | 'write', origin: string): string {
    const seconds = action === 'read' ? READ_SECONDS : WRITE_SECONDS;
    const expires = Math.floor(Date.now() / 1000) + seconds;
    const url = new URL(`/artifacts/${artifact_id}`, origin);
    url.searchParams.set('expires', `${expires}`);
    url.searchParams.set('signature', this.#signer.sign(`${action}:${artifact_id}:${expires}`));
    return url.href;
  }

  /** @throws {HeuristError} `forbidden` for an address that was changed or has expired */
  checkAddress(artifact_id: string, action: 'read' | 'write', expires: string, signature: string): void {
    if (!this.#signer.isValid(`${action}:${artifact_id}:${expires}`, signature))
      throw new HeuristError('This address is not valid.', { code: 'forbidden' });
    if (Number(expires) < Date.now() / 1000)
      throw new HeuristError('This address has expired. Ask for a fresh one.', { code: 'forbidden' });
  }

  /**
   * Gives a miner fresh addresses for our own files among a task's parameters: the consumer's may have expired in the
   * queue, or name the server as only the consumer can reach it.
   */
  refreshAddresses<T>(value: T, origin: string): T {
    if (typeof value === 'string') return (this.#refresh(value, origin) ?? value) as T;
    if (Array.isArray(value)) return value.map((inner) => this.refreshAddresses(inner, origin)) as T;
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value).map(([key, inner]) => [key, this.refreshAddresses(inner, origin)]);
    return Object.fromEntries(entries) as T;
  }

  #refresh(text: string, origin: string): string | undefined {
    const match = /^https?:\/\/[^/]+\/artifacts\/([0-9a-f-]{36})\?expires=(\d+)&signature=([\w-]+)$/.exec(text);
    const [, artifact_id = '', expires, signature = ''] = match ?? [];
    const isOurs = match && this.#signer.isValid(`read:${artifact_id}:${expires}`, signature);
    return isOurs ? this.address(artifact_id, 'read', origin) : undefined;
  }
}

/** In the order of the ids. */
async function findAll(sql: Sql, artifact_ids: readonly string[]): Promise<(Artifact | undefined)[]> {
  const query = 'SELECT * FROM heurist.artifact WHERE artifact_id = ANY($1)';
  const rows = await sql.query<Artifact>(query, [[...new Set(artifact_ids)]]);
  return inOrder(artifact_ids, rows, ({ artifact_id }) => artifact_id);
}

/** How a browser should name a file: whatever a stranger called it, without what could break out of the header. */
export function dispositionOf(artifact_id: string, { filename = artifact_id }: ArtifactDescription): string {
  return `inline; filename="${filename.replaceAll(/[^\w.() -]/g, '_')}"`;
}
