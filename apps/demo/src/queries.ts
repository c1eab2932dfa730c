import { type QueryClient, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { TaskState } from '../shared/api.ts';
import { api, CallError } from './api.ts';

const NETWORK_MS = 5000;
/** Events come at once; this is for those that do not. */
const TASK_MS = 5000;
const STREAM_RETRY_MS = 3000;

/** Whether a task has ended. The same rule as the SDK's `isTerminal`, without its code. */
export const hasEnded = (state: TaskState | undefined) => /^(finished|failed|canceled)$/.test(state?.status ?? '');

export function useCatalogue() {
  return useQuery({
    queryKey: ['catalogue'],
    queryFn: api.catalogue,
    staleTime: Number.POSITIVE_INFINITY,
    // only until it is there
    refetchInterval: ({ state }) => (state.data ? false : NETWORK_MS),
  });
}

export function useNetwork() {
  return useQuery({ queryKey: ['network'], queryFn: api.network, refetchInterval: NETWORK_MS });
}

const taskQuery = (task_id: string) => ({
  queryKey: ['task', task_id],
  queryFn: () => api.task(task_id),
  staleTime: TASK_MS,
  refetchInterval: ({ state }: { state: { data?: TaskState | undefined; error?: unknown } }) =>
    hasEnded(state.data) || isLost(state.error) ? (false as const) : TASK_MS,
});

/** How a task is. */
export function useTask(task_id: string) {
  return useQuery(taskQuery(task_id));
}

/** Which of these tasks have ended, or are not there any more. */
export function useEnded(task_ids: readonly string[]): string[] {
  return useQueries({
    queries: task_ids.map(taskQuery),
    combine: (all) => task_ids.filter((_, index) => hasEnded(all[index]?.data) || isLost(all[index]?.error)),
  });
}

/** Whether the network has no such task (any more). */
export function isLost(error: unknown): boolean {
  return error instanceof CallError && error.code === 'not_found';
}

/** Follows tasks by one stream of events. What is missed is found by the looks of `useTask`. */
export function useTaskEvents(task_ids: readonly string[]): void {
  const queryClient = useQueryClient();
  const query = task_ids.map((id) => `task=${encodeURIComponent(id)}`).join('&');
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!query) return;
    const events = new EventSource(`/api/events?${query}`);
    events.addEventListener('task', ({ data }) => keep(queryClient, JSON.parse(data)));
    let timer: ReturnType<typeof setTimeout>;
    events.onerror = () => {
      // the browser tries again by itself, except after a refusal
      if (events.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(() => setAttempt((count) => count + 1), STREAM_RETRY_MS);
    };
    return () => {
      clearTimeout(timer);
      events.close();
    };
  }, [query, queryClient, attempt]);
}

/** A task that has ended does not go back, whatever comes late. */
function keep(queryClient: QueryClient, state: TaskState): void {
  queryClient.setQueryData<TaskState>(['task', state.task_id], (before) => (hasEnded(before) ? before : state));
}
