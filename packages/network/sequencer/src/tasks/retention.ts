import type { Sql } from '../database/database.ts';
import type { ArtifactStore } from '../files/artifact-store.ts';
import { deleteArtifacts, findOldInputs, findOutputs } from '../files/artifact-table.ts';
import { deleteTasks } from './table/change-tasks.ts';
import { findEndedBefore, oldestOpen } from './table/read-tasks.ts';
import { deleteWebhooks } from './webhooks/webhook-table.ts';

/** Tasks, and inputs, that one sweep deletes at most: the rest is left for the next one. */
const MAX_BATCH = 500;

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

  async sweep(): Promise<void> {
    if (this.#days === 0) return;
    await this.#deleteTasks();
    await this.#deleteInputs();
  }

  async #deleteTasks(): Promise<void> {
    const task_ids = await findEndedBefore(this.#sql, this.#days, this.#maxBatch);
    if (!task_ids.length) return;
    await this.#deleteFiles(await findOutputs(this.#sql, task_ids));
    await deleteWebhooks(this.#sql, task_ids);
    await deleteTasks(this.#sql, task_ids);
  }

  /** An open task may need what was uploaded before it. */
  async #deleteInputs(): Promise<void> {
    const oldest = await oldestOpen(this.#sql);
    await this.#deleteFiles(await findOldInputs(this.#sql, this.#days, oldest, this.#maxBatch));
  }

  /** Files first: a file without its row would stay for ever. */
  async #deleteFiles(artifact_ids: readonly string[]): Promise<void> {
    await Promise.all(artifact_ids.map((artifact_id) => this.#store.delete(artifact_id)));
    await deleteArtifacts(this.#sql, artifact_ids);
  }
}
