import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { TaskState } from '../../shared/api.ts';
import { hasEnded } from '../lib/task-state.ts';
import { taskKey } from './queries.ts';

const RECONNECT_MS = 3000;

/** Follows tasks by one event stream. What it misses, polling finds (`useTask`). */
export function useTaskEvents(task_ids: readonly string[]): void {
  const queryClient = useQueryClient();
  const query = task_ids.map((id) => `task=${encodeURIComponent(id)}`).join('&');
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!query) return;
    const events = new EventSource(`/api/events?${query}`);
    events.addEventListener('task', ({ data }) => storeState(queryClient, JSON.parse(data)));
    let timer: ReturnType<typeof setTimeout>;
    events.onerror = () => {
      // the browser reconnects by itself, except after a refusal
      if (events.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(() => setAttempt((count) => count + 1), RECONNECT_MS);
    };
    return () => {
      clearTimeout(timer);
      events.close();
    };
  }, [query, queryClient, attempt]);
}

/** An event that arrives late must not revive a task that has ended. */
function storeState(queryClient: QueryClient, state: TaskState): void {
  queryClient.setQueryData<TaskState>(taskKey(state.task_id), (before) => (hasEnded(before) ? before : state));
}
