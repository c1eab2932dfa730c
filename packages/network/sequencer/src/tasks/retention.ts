import type { Sql } from '../database/database.ts';
import type { ArtifactStore } from '../files/folder-store.ts';

/** So many tasks, and so many files, at a time: the rest is for the next round. */
const BATCH = 500;

/** What is old is deleted: tasks that ended long ago with their files, and inputs that were uploaded long ago. */
export class Retention {
  readonly #sql: Sql;
  readonly #store: ArtifactStore;
  readonly #days: number;

  /** @param days - how long tasks are kept after their end; 0 keeps everything */
  constructor(sql: Sql, store: ArtifactStore, days: number) {
    this.#sql = sql;
    this.#store = store;
    this.#days = days;
  }

  async sweep(): Promise<void> {
    if (this.#days === 0) return;
    await this.#deleteTasks();
    await this.#deleteInputs();
  }

  async #deleteTasks(): Promise<void> {
    const tasks = await this.#sql.query<{ task_id: string }>(
      `SELECT task_id FROM heurist.task WHERE ended_at < now() - $1 * interval '1 day' LIMIT ${BATCH}`,
      [this.#days],
    );
    if (!tasks.length) return;
    const ids = [tasks.map(({ task_id }) => task_id)];
    const files = 'SELECT artifact_id FROM heurist.artifact WHERE task_id = ANY($1::uuid[])';
    await this.#deleteFiles(await this.#sql.query(files, ids));
    await this.#sql.query('DELETE FROM heurist.webhook WHERE task_id = ANY($1::uuid[])', ids);
    await this.#sql.query('DELETE FROM heurist.task WHERE task_id = ANY($1::uuid[])', ids);
  }

  /** A task that still waits may need what was uploaded before it. */
  async #deleteInputs(): Promise<void> {
    await this.#deleteFiles(
      await this.#sql.query(
        `SELECT artifact_id FROM heurist.artifact WHERE task_id IS NULL AND created_at < LEAST(
           now() - $1 * interval '1 day',
           (SELECT min(created_at) - interval '1 day' FROM heurist.task WHERE status IN ('waiting', 'running'))
         ) LIMIT ${BATCH}`,
        [this.#days],
      ),
    );
  }

  /** Files first: a file without its row would stay for ever. */
  async #deleteFiles(artifacts: { artifact_id: string }[]): Promise<void> {
    const ids = artifacts.map(({ artifact_id }) => artifact_id);
    await Promise.all(ids.map((artifact_id) => this.#store.delete(artifact_id)));
    await this.#sql.query('DELETE FROM heurist.artifact WHERE artifact_id = ANY($1::uuid[])', [ids]);
  }
}
