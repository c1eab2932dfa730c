import { batch, inOrder } from '@heurist/server-kit/batch';
import type { Clock } from '@heurist/server-kit/clock';
import type { Database } from '../database/database.ts';
import { deleteStalePreviews } from './table/change-tasks.ts';

/** The newest preview of each running task. Losing one does no harm. */
export interface Previews {
  set(task_id: string, preview: string): Promise<void>;
  get(task_id: string): Promise<string | undefined>;
  delete(task_id: string): Promise<void>;
  /** Deletes those whose tasks no longer run. */
  sweep(): Promise<void>;
}

/** Previews kept in memory at most; the oldest goes first. Each has up to 400 kB. */
const MAX_PREVIEWS = 200;

/** Characters of previews of one task per millisecond: four of 100 kB a second. */
const CHARACTERS_PER_MS = 400;
/** Tasks that are remembered at most; whichever had its preview first goes first. */
const MAX_PACED = 10_000;

/** Keeps a miner from filling the disk of the database, and the connections of whoever watches, with previews. */
export class PreviewPace {
  readonly #clock: Pick<Clock, 'now'>;
  /** Until when a task's last preview takes. */
  readonly #until = new Map<string, number>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Takes a preview into account, unless it comes too soon after the one before. */
  admit(task_id: string, characters: number): boolean {
    const now = this.#clock.now();
    if (now < (this.#until.get(task_id) ?? 0)) return false;
    this.#until.delete(task_id);
    this.#until.set(task_id, now + characters / CHARACTERS_PER_MS);
    if (this.#until.size > MAX_PACED) this.#until.delete(this.#until.keys().next().value ?? '');
    return true;
  }
}

/** In memory; or in the database if another replica may be asked for a preview than the one that received it. */
export function createPreviews(database: Database, maxPreviews = MAX_PREVIEWS): Previews {
  return database.channel ? createSharedPreviews(database) : createOwnPreviews(maxPreviews);
}

function createOwnPreviews(maxPreviews: number): Previews {
  const previews = new Map<string, string>();
  return {
    async set(task_id, preview) {
      previews.delete(task_id);
      previews.set(task_id, preview);
      if (previews.size > maxPreviews) previews.delete(previews.keys().next().value ?? '');
    },
    get: async (task_id) => previews.get(task_id),
    delete: async (task_id) => void previews.delete(task_id),
    sweep: async () => {},
  };
}

function createSharedPreviews(database: Database): Previews {
  const read = batch(async (task_ids: readonly string[]) => {
    const query = 'SELECT task_id, preview FROM heurist.preview WHERE task_id = ANY($1::uuid[])';
    const rows = await database.query<{ task_id: string; preview: string }>(query, [task_ids]);
    return inOrder(task_ids, rows, ({ task_id }) => task_id);
  });
  return {
    async set(task_id, preview) {
      const query = `INSERT INTO heurist.preview (task_id, preview) VALUES ($1, $2)
                     ON CONFLICT (task_id) DO UPDATE SET preview = $2`;
      await database.query(query, [task_id, preview]);
    },
    get: async (task_id) => (await read(task_id))?.preview,
    async delete(task_id) {
      await database.query('DELETE FROM heurist.preview WHERE task_id = $1', [task_id]);
    },
    sweep: () => deleteStalePreviews(database),
  };
}
