import { hasEnded, type TaskSnapshot, type TaskSource, type TrackedState } from './task-source.ts';

interface Watched<State extends TrackedState> {
  snapshot: TaskSnapshot<State>;
  listeners: Set<() => void>;
  isReading: boolean;
}

const UNKNOWN = { isGone: false } as const;

/** How a tracker waits. */
export interface TrackerOptions {
  /** How often each open task is read, for what the stream misses, in milliseconds. Default: 5 s */
  pollMs?: number;
  /** Most tasks on one stream; the others are polled. Default 50. */
  maxFollowed?: number;
}

/**
 * Waits for tasks on behalf of a page: one stream for all that are open, polling for what it misses. A task is waited for as long
 * as somebody watches it, so one that began before a reload goes on by its id.
 */
export class TaskTracker<State extends TrackedState> {
  readonly #source: TaskSource<State>;
  readonly #pollMs: number;
  readonly #maxFollowed: number;
  readonly #tasks = new Map<string, Watched<State>>();
  readonly #settled = new Set<(snapshot: TaskSnapshot<State>, task_id: string) => void>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #followed = '';
  #isUpdating = false;
  #unfollow = () => {};

  constructor(source: TaskSource<State>, { pollMs = 5000, maxFollowed = 50 }: TrackerOptions = {}) {
    this.#source = source;
    this.#pollMs = pollMs;
    this.#maxFollowed = maxFollowed;
  }

  /** What is known of a task: the same object until it changes. */
  get(task_id: string): TaskSnapshot<State> {
    return this.#tasks.get(task_id)?.snapshot ?? UNKNOWN;
  }

  /** Waits for a task until the function that it returns is called. */
  watch(task_id: string, listener: () => void): () => void {
    const task = this.#find(task_id);
    task.listeners.add(listener);
    if (!task.snapshot.state && !task.snapshot.isGone) void this.#read(task_id);
    this.#update();
    return () => {
      task.listeners.delete(listener);
      this.#update();
    };
  }

  /** Called when a watched task has ended, or is no longer there. */
  onSettled(listener: (snapshot: TaskSnapshot<State>, task_id: string) => void): () => void {
    this.#settled.add(listener);
    return () => void this.#settled.delete(listener);
  }

  /** Reads a task, or returns what is known of it if it has ended. */
  async load(task_id: string): Promise<State> {
    const { state } = this.get(task_id);
    if (state && hasEnded(state)) return state;
    const read = await this.#source.read(task_id);
    this.#put(task_id, { state: read, isGone: false });
    return read;
  }

  async cancel(task_id: string): Promise<void> {
    try {
      await this.#source.cancel(task_id);
    } finally {
      void this.#read(task_id);
    }
  }

  /** Reads all open tasks now: the network may be back. */
  refresh(): void {
    for (const task_id of this.#open()) void this.#read(task_id);
  }

  #find(task_id: string): Watched<State> {
    const known = this.#tasks.get(task_id);
    if (known) return known;
    const task = { snapshot: UNKNOWN, listeners: new Set<() => void>(), isReading: false };
    this.#tasks.set(task_id, task);
    return task;
  }

  #open(): string[] {
    return [...this.#tasks].flatMap(([id, { snapshot, listeners }]) =>
      listeners.size && !snapshot.isGone && !hasEnded(snapshot.state) ? id : [],
    );
  }

  async #read(task_id: string): Promise<void> {
    const task = this.#find(task_id);
    if (task.isReading) return;
    task.isReading = true;
    try {
      const state = await this.#source.read(task_id);
      this.#put(task_id, { state, isGone: false });
    } catch (error) {
      this.#put(task_id, { ...task.snapshot, error, isGone: this.#source.isGone(error) });
    } finally {
      task.isReading = false;
    }
  }

  #put(task_id: string, snapshot: TaskSnapshot<State>): void {
    const task = this.#find(task_id);
    // what arrives late must not revive a task that has ended
    if (hasEnded(task.snapshot.state) && !snapshot.isGone) return;
    task.snapshot = snapshot;
    if (snapshot.isGone || hasEnded(snapshot.state)) for (const settled of this.#settled) settled(snapshot, task_id);
    for (const listener of task.listeners) listener();
    this.#update();
  }

  /** Follows what is open. Once for all that changes in one go: a page shows many tasks at once. */
  #update(): void {
    if (this.#isUpdating) return;
    this.#isUpdating = true;
    queueMicrotask(() => {
      this.#isUpdating = false;
      this.#follow(this.#open());
    });
  }

  #poll(isNeeded: boolean): void {
    if (isNeeded) this.#timer ??= setInterval(() => this.refresh(), this.#pollMs);
    else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #follow(open: string[]): void {
    this.#poll(open.length > 0);
    const followed = open.slice(0, this.#maxFollowed);
    if (followed.join() === this.#followed) return;
    this.#followed = followed.join();
    this.#unfollow();
    this.#unfollow = followed.length
      ? this.#source.follow(followed, {
          onState: (state) => this.#put(state.task_id, { state, isGone: false }),
          onGap: () => this.refresh(),
        })
      : () => {};
  }
}
