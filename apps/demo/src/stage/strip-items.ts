import type { TaskEntry } from '../data/task-list.ts';

/** A task of the filmstrip, or several of one press. */
export interface StripItem {
  key: string;
  /** The newest first. */
  entries: readonly TaskEntry[];
}

/** Tasks of one press, which stand side by side in the list, become one item. */
export function stripItems(entries: readonly TaskEntry[]): StripItem[] {
  const items: { key: string; entries: TaskEntry[] }[] = [];
  for (const entry of entries) {
    const last = items.at(-1);
    if (entry.group && entry.group === last?.entries[0]?.group) last.entries.push(entry);
    else items.push({ key: entry.group ?? entry.task_id, entries: [entry] });
  }
  return items;
}
