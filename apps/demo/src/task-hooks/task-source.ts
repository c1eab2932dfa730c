/** A task as a tracker needs to know it. */
export interface TrackedState {
  task_id: string;
  status: string;
}

/** What a stream of changes reports. */
export interface TaskStreamEvents<State extends TrackedState> {
  onState: (state: State) => void;
  /** The stream broke. What it missed is read. */
  onGap: () => void;
}

/** Where the states of tasks come from. */
export interface TaskSource<State extends TrackedState> {
  /** Reads a task once. */
  read: (task_id: string) => Promise<State>;
  /** Reports changes of several tasks until the function that it returns is called. */
  follow: (task_ids: readonly string[], events: TaskStreamEvents<State>) => () => void;
  cancel: (task_id: string) => Promise<unknown>;
  /** Whether an error of `read` says that there is no such task, so that asking again is in vain. */
  isGone: (error: unknown) => boolean;
}

/** What is known of a task. */
export interface TaskSnapshot<State extends TrackedState> {
  /** As it was when it was last heard of. */
  readonly state?: State;
  /** Why it could not be read the last time. While this is set, `state` may be old. */
  readonly error?: unknown;
  /** Whether the task is no longer there. */
  readonly isGone: boolean;
}

/** Whether a task has ended. The same rule as the SDK's `isTerminal`, without loading the SDK. */
export const hasEnded = (state: TrackedState | undefined): boolean =>
  /^(finished|failed|canceled)$/.test(state?.status ?? '');
