import type { Logger } from '@heurist/server-kit/logger';
import type { Database } from '../../database/database.ts';
import type { ArtifactStore } from '../../files/artifact-store.ts';
import { findAnnounced, findOldInputs, findOutputs, type OldInput } from '../../files/artifact-table.ts';
import { deleteArtifacts } from '../../files/stored-table.ts';
import { deleteTasks } from '../table/change-tasks.ts';
import { type EndedTask, findEndedBefore, findFilesOfOpen, oldestOpen } from '../table/read-tasks.ts';
import { deleteWebhooks } from '../webhooks/webhook-table.ts';

/** How many tasks, and inputs, are deleted at a time. */
const MAX_BATCH = 500;

/** As many at a time while room is missing: more than is needed must not go. */
const PRESSED_BATCH = 20;

/** How long a file may be announced without being uploaded, in hours: its address is good for one. */
const ANNOUNCED_HOURS = 24;

/** However little room there is, results and inputs stay as long, in days: an app must be able to fetch what it has waited for. */
const PRESSED_DAYS = 1 / 24;

type Statements = Pick<Database, 'query' | 'transaction'>;

interface RetentionOptions {
  /** Days that tasks are kept after their end; 0 keeps everything. */
  days: number;
  /** Bytes that must be deleted before their time; 0 or less if there is enough room. Default: there is. */
  missingBytes?: () => Promise<number>;
  logger?: Pick<Logger, 'warn'>;
  maxBatch?: number;
}

/** Deletes what is old: tasks that ended long ago with their files, and inputs that were uploaded long ago. */
export class Retention {
  readonly #database: Statements;
  readonly #store: ArtifactStore;
  readonly #options: RetentionOptions;
  readonly #maxBatch: number;

  constructor(database: Statements, store: ArtifactStore, options: RetentionOptions) {
    this.#database = database;
    this.#store = store;
    this.#options = options;
    this.#maxBatch = options.maxBatch ?? MAX_BATCH;
  }

  /**
   * Deletes batch after batch, until nothing old is left. Announcements go however long the rest is kept.
   *
   * @param signal - ends it after the current batch
   */
  async sweep(signal?: AbortSignal): Promise<void> {
    const { days } = this.#options;
    const aged = days === 0 ? [] : [() => this.#deleteOldTasks(days), () => this.#deleteOldInputs(days)];
    for (const deleteBatch of [() => this.#deleteAnnounced(), ...aged])
      while (!signal?.aborted && (await deleteBatch()) === this.#maxBatch);
    await this.#makeRoom(signal);
  }

  /** While room is missing, the oldest tasks and inputs go before their time; never what is open, or was needed within the last hour. */
  async #makeRoom(signal: AbortSignal | undefined): Promise<void> {
    const { missingBytes = async () => 0, logger } = this.#options;
    let deleted = 0;
    while (!signal?.aborted && (await missingBytes()) > 0) {
      const count = await this.#deleteOldest();
      if (!count) break;
      deleted += count;
    }
    if (deleted)
      logger?.warn('old tasks and inputs were deleted before their time: the storage of files is nearly full', {
        count: deleted,
      });
  }

  /** Returns how many tasks and inputs there were. */
  async #deleteOldest(): Promise<number> {
    const [tasks, inputs] = await Promise.all([
      this.#findTasks(PRESSED_DAYS, PRESSED_BATCH),
      this.#findInputs(PRESSED_DAYS, PRESSED_BATCH),
    ]);
    const oldest = [...tasks, ...inputs]
      .toSorted((a, b) => a.since.getTime() - b.since.getTime())
      .slice(0, PRESSED_BATCH);
    await this.#deleteTasks(oldest.flatMap((each) => ('task_id' in each ? each.task_id : [])));
    await this.#deleteFiles(oldest.flatMap((each) => ('artifact_id' in each ? each.artifact_id : [])));
    return oldest.length;
  }

  /** Returns how many there were. */
  async #deleteOldTasks(days: number): Promise<number> {
    const tasks = await this.#findTasks(days, this.#maxBatch);
    await this.#deleteTasks(tasks.map(({ task_id }) => task_id));
    return tasks.length;
  }

  async #deleteTasks(task_ids: readonly string[]): Promise<void> {
    if (!task_ids.length) return;
    await this.#deleteFiles(await findOutputs(this.#database, task_ids));
    await deleteWebhooks(this.#database, task_ids);
    await deleteTasks(this.#database, task_ids);
  }

  /** A direct store does not say which files have arrived. Returns how many there were. */
  async #deleteAnnounced(): Promise<number> {
    if (this.#store.isDirect) return 0;
    const announced = await findAnnounced(this.#database, ANNOUNCED_HOURS, this.#maxBatch);
    await this.#deleteFiles(announced);
    return announced.length;
  }

  /** Ended tasks whose files no open task names: results are inputs of what comes next. */
  async #findTasks(days: number, limit: number): Promise<EndedTask[]> {
    return await this.#unneeded((except) => findEndedBefore(this.#database, days, limit, except));
  }

  /** An open task may need what was uploaded up to a day before it without naming it so, and whatever it names. */
  async #findInputs(days: number, limit: number): Promise<OldInput[]> {
    const oldest = await oldestOpen(this.#database);
    return await this.#unneeded((except) => findOldInputs(this.#database, days, oldest, limit, except));
  }

  /** What open tasks name is looked up only if something could go. */
  async #unneeded<T>(find: (except: readonly string[]) => Promise<T[]>): Promise<T[]> {
    const found = await find([]);
    if (!found.length) return found;
    const needed = await findFilesOfOpen(this.#database);
    return needed.length ? await find(needed) : found;
  }

  /** Returns how many there were. */
  async #deleteOldInputs(days: number): Promise<number> {
    const inputs = await this.#findInputs(days, this.#maxBatch);
    await this.#deleteFiles(inputs.map(({ artifact_id }) => artifact_id));
    return inputs.length;
  }

  /** Files first: a file without its row would stay for ever. */
  async #deleteFiles(artifact_ids: readonly string[]): Promise<void> {
    if (!artifact_ids.length) return;
    await Promise.all(artifact_ids.map((artifact_id) => this.#store.delete(artifact_id)));
    await this.#database.transaction((sql) => deleteArtifacts(sql, artifact_ids));
  }
}
