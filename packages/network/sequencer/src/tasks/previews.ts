import type { Database } from '../database/database.ts';

/** The newest preview of each running task. One that gets lost does no harm. */
export interface Previews {
  set(task_id: string, preview: string): Promise<void>;
  get(task_id: string): Promise<string | undefined>;
  delete(task_id: string): Promise<void>;
  /** Drops those whose tasks run no more. */
  sweep(): Promise<void>;
}

/** So many are kept in memory at most; the oldest goes first. */
const MAX_PREVIEWS = 200;

/** In memory, or in the database where the replica that is asked may be another than the one that was told. */
export function createPreviews(database: Database): Previews {
  return database.channel ? createSharedPreviews(database) : createOwnPreviews();
}

function createOwnPreviews(): Previews {
  const previews = new Map<string, string>();
  return {
    async set(task_id, preview) {
      previews.delete(task_id);
      previews.set(task_id, preview);
      if (previews.size > MAX_PREVIEWS) previews.delete(previews.keys().next().value ?? '');
    },
    get: async (task_id) => previews.get(task_id),
    delete: async (task_id) => void previews.delete(task_id),
    sweep: async () => {},
  };
}

function createSharedPreviews(database: Database): Previews {
  return {
    async set(task_id, preview) {
      const query = `INSERT INTO heurist.preview (task_id, preview) VALUES ($1, $2)
                     ON CONFLICT (task_id) DO UPDATE SET preview = $2`;
      await database.query(query, [task_id, preview]);
    },
    async get(task_id) {
      const query = 'SELECT preview FROM heurist.preview WHERE task_id = $1';
      const [row] = await database.query<{ preview: string }>(query, [task_id]);
      return row?.preview;
    },
    async delete(task_id) {
      await database.query('DELETE FROM heurist.preview WHERE task_id = $1', [task_id]);
    },
    async sweep() {
      await database.query(
        `DELETE FROM heurist.preview AS preview WHERE NOT EXISTS (
           SELECT FROM heurist.task AS task WHERE task.task_id = preview.task_id AND task.status = 'running'
         )`,
      );
    },
  };
}
