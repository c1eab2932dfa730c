import type { Logger } from '@heurist/core/protocol';
import type { Journal } from './journal.ts';

/**
 * The same journal, but a disk that is full, read-only or gone costs the safety of a restart only: tasks go on without notes.
 *
 * @param logger - is warned at the first of several failures in a row
 */
export function tolerateJournal(journal: Journal, logger: Logger): Journal {
  let isFailing = false;
  /** Tasks whose entries could not be removed: they must not be taken for work that goes on. */
  const gone = new Set<string>();

  async function attempt<T>(what: string, work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      const result = await work();
      isFailing = false;
      return result;
    } catch (error) {
      if (!isFailing) logger.warn(`cannot ${what} the journal`, { message: (error as Error).message });
      isFailing = true;
      return otherwise;
    }
  }

  return {
    async write(entry) {
      const { task_id } = entry.task;
      const isWritten = await attempt('write', () => journal.write(entry).then(() => true), false);
      if (isWritten) gone.delete(task_id);
    },
    async find(task_id, comfyui) {
      if (gone.has(task_id)) return undefined;
      return await attempt('read', () => journal.find(task_id, comfyui), undefined);
    },
    list: async (comfyui) => await attempt('read', () => journal.list(comfyui), []),
    takeExpired: async (comfyui) => await attempt('read', () => journal.takeExpired(comfyui), []),
    async remove(task_id) {
      const isRemoved = await attempt('write', () => journal.remove(task_id).then(() => true), false);
      if (!isRemoved) gone.add(task_id);
    },
  };
}
