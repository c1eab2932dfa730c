import { useCallback, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { TaskSnapshot, TrackedState } from './task-source.ts';
import type { TaskTracker } from './task-tracker.ts';

/** What is known of a task, as it changes. It is waited for as long as the component is on the page. */
export function useTask<State extends TrackedState>(tracker: TaskTracker<State>, task_id: string): TaskSnapshot<State> {
  const subscribe = useCallback((listener: () => void) => tracker.watch(task_id, listener), [tracker, task_id]);
  const read = () => tracker.get(task_id);
  return useSyncExternalStore(subscribe, read, read);
}

/** What is known of several tasks, in this order. */
export function useTasks<State extends TrackedState>(
  tracker: TaskTracker<State>,
  task_ids: readonly string[],
): readonly TaskSnapshot<State>[] {
  const key = task_ids.join();
  const last = useRef<readonly TaskSnapshot<State>[]>([]);
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = task_ids.map((task_id) => tracker.watch(task_id, listener));
      return () => {
        for (const end of ends) end();
      };
    },
    [tracker, key],
  );
  const read = () => {
    const now = task_ids.map((task_id) => tracker.get(task_id));
    const isSame = now.length === last.current.length && now.every((one, index) => one === last.current[index]);
    if (!isSame) last.current = now;
    return last.current;
  };
  return useSyncExternalStore(subscribe, read, read);
}

/** Cancels a task; `error` says why it did not work. */
export function useCancel<State extends TrackedState>(tracker: TaskTracker<State>, task_id: string) {
  const [isCanceling, setCanceling] = useState(false);
  const [error, setError] = useState<unknown>();
  const cancel = useMemo(
    () => async () => {
      setCanceling(true);
      setError(undefined);
      await tracker.cancel(task_id).catch(setError);
      setCanceling(false);
    },
    [tracker, task_id],
  );
  return { cancel, isCanceling, error };
}
