import type { TaskOptions } from '../../shared/api.ts';
import { Listeners, readJson, type TextStorage, writeJson } from './store.ts';

/** A task created in this browser: what it was made from. Its state is on the network. */
export interface TaskEntry {
  task_id: string;
  family: string;
  workflow_id: string;
  options: TaskOptions;
  /** When it was submitted, in milliseconds since 1970. */
  created_at: number;
  /** Whether it is known to have ended, so that it need not be followed. */
  has_ended?: boolean;
}

/** Storage key of the list. */
export const TASKS_KEY = 'heurist.tasks';
const MAX_ENTRIES = 200;

/** The tasks of this browser, the newest first. They survive a reload and a restart of the server. */
export class TaskList {
  readonly listeners = new Listeners();
  readonly #storage: TextStorage;
  readonly #maxEntries: number;
  #entries: TaskEntry[];
  #isStored = true;

  /** @param maxEntries - beyond this the oldest are forgotten. Default: 200 */
  constructor(storage: TextStorage, maxEntries = MAX_ENTRIES) {
    this.#storage = storage;
    this.#maxEntries = maxEntries;
    this.#entries = this.#stored() ?? [];
  }

  get entries(): readonly TaskEntry[] {
    return this.#entries;
  }

  add(entry: TaskEntry): void {
    this.#write((entries) => [entry, ...entries]);
  }

  remove(task_id: string): void {
    this.#write((entries) => entries.filter((entry) => entry.task_id !== task_id));
  }

  markEnded(task_id: string): void {
    this.#write((entries) =>
      entries.map((entry) => (entry.task_id === task_id ? { ...entry, has_ended: true } : entry)),
    );
  }

  find(task_id: string): TaskEntry | undefined {
    return this.#entries.find((entry) => entry.task_id === task_id);
  }

  /** Takes over what another tab of the same page wrote. */
  reload(): void {
    this.#entries = this.#stored() ?? this.#entries;
    this.listeners.notify();
  }

  #write(change: (entries: TaskEntry[]) => TaskEntry[]): void {
    // another tab may have written meanwhile
    const before = (this.#isStored && this.#stored()) || this.#entries;
    this.#entries = change(before).slice(0, this.#maxEntries);
    this.#isStored = writeJson(this.#storage, TASKS_KEY, this.#entries);
    this.listeners.notify();
  }

  #stored(): TaskEntry[] | undefined {
    const stored = readJson(this.#storage, TASKS_KEY);
    return Array.isArray(stored) ? stored : undefined;
  }
}
