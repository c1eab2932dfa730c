import { useQueries, useQuery } from '@tanstack/react-query';
import type { TaskState } from '../../shared/api.ts';
import { hasEnded } from '../lib/task-state.ts';
import { api, isLost } from './api.ts';

const NETWORK_MS = 5000;
/** Changes arrive as events; polling catches those that do not. */
const TASK_MS = 5000;

export function useCatalogue() {
  return useQuery({
    queryKey: ['catalogue'],
    queryFn: api.catalogue,
    staleTime: Number.POSITIVE_INFINITY,
    // only until it has arrived
    refetchInterval: ({ state }) => (state.data ? false : NETWORK_MS),
  });
}

export function useNetwork() {
  return useQuery({ queryKey: ['network'], queryFn: api.network, refetchInterval: NETWORK_MS });
}

/** Cache key of a task's state. */
export const taskKey = (task_id: string) => ['task', task_id];

const taskQuery = (task_id: string) => ({
  queryKey: taskKey(task_id),
  queryFn: () => api.task(task_id),
  staleTime: TASK_MS,
  refetchInterval: ({ state }: { state: { data?: TaskState | undefined; error?: unknown } }) =>
    hasEnded(state.data) || isLost(state.error) ? (false as const) : TASK_MS,
});

/** The state of a task. */
export function useTask(task_id: string) {
  return useQuery(taskQuery(task_id));
}

/** Which of these tasks have ended or are gone. */
export function useEnded(task_ids: readonly string[]): string[] {
  return useQueries({
    queries: task_ids.map(taskQuery),
    combine: (all) => task_ids.filter((_, index) => hasEnded(all[index]?.data) || isLost(all[index]?.error)),
  });
}
