import type { TaskEntry } from '../data/task-list.ts';
import { titleOf } from '../task/task-title.ts';

/** What the gallery shows: the tasks with all of these words in their prompt, their model or their package's title. */
export function findEntries(
  entries: readonly TaskEntry[],
  words: string,
  familyTitle: (family: string) => string,
): readonly TaskEntry[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return entries;
  return entries.filter((entry) => {
    const text = `${titleOf(entry, '')} ${entry.workflow_id} ${familyTitle(entry.family)}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
