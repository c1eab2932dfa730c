import { useSyncExternalStore } from 'react';
import type { Options } from '../shared/api.ts';

/** A task that was made on this page. The network knows how it is; this is what it was made from. */
export interface TaskEntry {
  task_id: string;
  family: string;
  workflow_id: string;
  options: Options;
  /** When it was submitted, in milliseconds since 1970. */
  created_at: number;
  /** Whether it is known to have ended: then it need not be looked for on every page. */
  has_ended?: boolean;
}

const KEY = 'heurist.tasks';
const MAX_ENTRIES = 200;
const listeners = new Set<() => void>();
let entries = read();

function read(): TaskEntry[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

function write(next: TaskEntry[]): void {
  entries = next.slice(0, MAX_ENTRIES);
  localStorage.setItem(KEY, JSON.stringify(entries));
  for (const listener of listeners) listener();
}

// another tab of the same page
addEventListener('storage', ({ key }) => {
  if (key === KEY) write(read());
});

/** The tasks of this browser, the newest first. They outlive a reload and a restart of the server. */
export const taskList = {
  add: (entry: TaskEntry) => write([entry, ...read()]),
  remove: (task_id: string) => write(read().filter((entry) => entry.task_id !== task_id)),
  end: (task_id: string) =>
    write(read().map((entry) => (entry.task_id === task_id ? { ...entry, has_ended: true } : entry))),
  find: (task_id: string) => entries.find((entry) => entry.task_id === task_id),
};

/** The list, as it is now and after every change. */
export function useTaskList(): TaskEntry[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => entries,
  );
}
