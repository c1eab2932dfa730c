import type { TaskOptions } from '../../shared/api.ts';
import { Listeners, readJson, type TextStorage, writeJson } from './store.ts';

/** How a task ended: enough to show it without asking the network. */
export interface TaskEnd {
  /** `finished`, `failed` or `canceled`; `gone` if the network no longer has it. */
  status: string;
  /** Of its first output. */
  kind?: string;
  width?: number;
  height?: number;
  /** How many outputs it has. */
  count?: number;
}

/** A task created in this browser: what it was made from. Its state is on the network. */
export interface TaskEntry {
  task_id: string;
  family: string;
  workflow_id: string;
  options: TaskOptions;
  /** When it was submitted, in milliseconds since 1970. */
  created_at: number;
  /** Tasks of one press of a button that makes several have the same. */
  group?: string;
  /** Once it is known to have ended: then it need not be followed. */
  end?: TaskEnd;
}

/** Storage key of the list. */
export const TASKS_KEY = 'heurist.tasks';
const MAX_ENTRIES = 5000;

/** The tasks of this browser, the newest first. They survive a reload and a restart of the server. */
export class TaskList {
  readonly listeners = new Listeners();
  readonly #storage: TextStorage;
  readonly #maxEntries: number;
  #entries: TaskEntry[];
  #isStored = true;

  /** @param maxEntries - beyond this the oldest are forgotten. Default: 5000 */
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

  /** Remembers how a task ended. */
  settle(task_id: string, end: TaskEnd): void {
    const known = this.find(task_id);
    if (!known || known.end) return;
    this.#write((entries) => entries.map((entry) => (entry.task_id === task_id ? { ...entry, end } : entry)));
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
