import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { Logger } from '@heurist/server-kit/logger';
import type { Database } from '../../database/database.ts';
import type { ArtifactStore } from '../../files/artifact-store.ts';
import { findAnnounced, findOldInputs, findOutputs, type OldInput } from '../../files/artifact-table.ts';
import { deleteArtifacts } from '../../files/stored-table.ts';
import { deleteTasks } from '../table/change-tasks.ts';
import { findEndedBefore, isNeeded, oldestOpen } from '../table/read-tasks.ts';
import { deleteWebhooks } from '../webhooks/webhook-table.ts';

/** How many tasks, and inputs, are deleted at a time. */
const MAX_BATCH = 500;

/** As many at a time while room is missing: more than is needed must not go. */
const PRESSED_BATCH = 20;

/** How long one sweep takes at most, about: other tidying waits for it. What is left is for the next one, a second later. */
const SWEEP_MS = 20_000;

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
  clock?: Clock;
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
   * Deletes batch after batch, of each kind in turn, until nothing old is left or its time is over. Announcements go however long the
   * rest is kept.
   *
   * @param signal - ends it after the current batch
   * @returns whether something old may be left
   */
  async sweep(signal?: AbortSignal): Promise<boolean> {
    const { days, clock = systemClock } = this.#options;
    const end = clock.now() + SWEEP_MS;
    const mayGoOn = () => !signal?.aborted && clock.now() < end;
    const aged = days === 0 ? [] : [() => this.#deleteOldTasks(days), () => this.#deleteOldInputs(days)];
    let left = [() => this.#deleteAnnounced(), ...aged];
    while (left.length && mayGoOn()) {
      const unfinished: typeof left = [];
      for (const deleteBatch of left)
        if (!mayGoOn() || (await deleteBatch()) === this.#maxBatch) unfinished.push(deleteBatch);
      left = unfinished;
    }
    const lacksRoom = await this.#makeRoom(mayGoOn);
    return left.length > 0 || lacksRoom;
  }

  /**
   * While room is missing, the oldest tasks and inputs go before their time; never what is open, or was needed within the last hour.
   *
   * @returns whether more could go
   */
  async #makeRoom(mayGoOn: () => boolean): Promise<boolean> {
    const { missingBytes = async () => 0, logger } = this.#options;
    let deleted = 0;
    let isMissing = (await missingBytes()) > 0;
    while (isMissing && mayGoOn()) {
      const count = await this.#deleteOldest();
      deleted += count;
      isMissing = count > 0 && (await missingBytes()) > 0;
    }
    if (deleted)
      logger?.warn('old tasks and inputs were deleted before their time: the storage of files is nearly full', {
        count: deleted,
      });
    return isMissing;
  }

  /** Returns how many tasks and inputs there were. */
  async #deleteOldest(): Promise<number> {
    const [tasks, inputs] = await Promise.all([
      findEndedBefore(this.#database, PRESSED_DAYS, PRESSED_BATCH),
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
    const tasks = await findEndedBefore(this.#database, days, this.#maxBatch);
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

  /** An open task may need what was uploaded up to a day before it without naming it so, and whatever it names. */
  async #findInputs(days: number, limit: number): Promise<OldInput[]> {
    return await findOldInputs(this.#database, days, await oldestOpen(this.#database), limit, isNeeded);
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
