import type { Sql } from '../../database/database.ts';
import type { ArtifactStore } from '../../files/artifact-store.ts';
import { deleteArtifacts, findAnnounced, findOldInputs, findOutputs } from '../../files/artifact-table.ts';
import { deleteTasks } from '../table/change-tasks.ts';
import { findEndedBefore, oldestOpen } from '../table/read-tasks.ts';
import { deleteWebhooks } from '../webhooks/webhook-table.ts';

/** How many tasks, and inputs, are deleted at a time. */
const MAX_BATCH = 500;

/** How long a file may be announced without being uploaded, in hours: its address is good for one. */
const ANNOUNCED_HOURS = 24;

/** Deletes what is old: tasks that ended long ago with their files, and inputs that were uploaded long ago. */
export class Retention {
  readonly #sql: Sql;
  readonly #store: ArtifactStore;
  readonly #days: number;
  readonly #maxBatch: number;

  /** @param days - how long tasks are kept after their end; 0 keeps everything */
  constructor(sql: Sql, store: ArtifactStore, days: number, maxBatch = MAX_BATCH) {
    this.#sql = sql;
    this.#store = store;
    this.#days = days;
    this.#maxBatch = maxBatch;
  }

  /**
   * Deletes batch after batch, until nothing old is left. Announcements go however long the rest is kept.
   *
   * @param signal - ends it after the current batch
   */
  async sweep(signal?: AbortSignal): Promise<void> {
    const aged = this.#days === 0 ? [] : [() => this.#deleteTasks(), () => this.#deleteInputs()];
    for (const deleteBatch of [() => this.#deleteAnnounced(), ...aged])
      while (!signal?.aborted && (await deleteBatch()) === this.#maxBatch);
  }

  /** Returns how many there were. */
  async #deleteTasks(): Promise<number> {
    const task_ids = await findEndedBefore(this.#sql, this.#days, this.#maxBatch);
    if (!task_ids.length) return 0;
    await this.#deleteFiles(await findOutputs(this.#sql, task_ids));
    await deleteWebhooks(this.#sql, task_ids);
    await deleteTasks(this.#sql, task_ids);
    return task_ids.length;
  }

  /** A direct store does not say which files have arrived. Returns how many there were. */
  async #deleteAnnounced(): Promise<number> {
    if (this.#store.isDirect) return 0;
    const announced = await findAnnounced(this.#sql, ANNOUNCED_HOURS, this.#maxBatch);
    await this.#deleteFiles(announced);
    return announced.length;
  }

  /** An open task may need what was uploaded before it. Returns how many there were. */
  async #deleteInputs(): Promise<number> {
    const oldest = await oldestOpen(this.#sql);
    const inputs = await findOldInputs(this.#sql, this.#days, oldest, this.#maxBatch);
    await this.#deleteFiles(inputs);
    return inputs.length;
  }

  /** Files first: a file without its row would stay for ever. */
  async #deleteFiles(artifact_ids: readonly string[]): Promise<void> {
    await Promise.all(artifact_ids.map((artifact_id) => this.#store.delete(artifact_id)));
    await deleteArtifacts(this.#sql, artifact_ids);
  }
}
