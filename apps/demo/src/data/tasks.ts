import type { TaskState } from '../../shared/api.ts';
import { followByEvents, type TaskSnapshot, TaskTracker, useTask as useTracked } from '../task-hooks/index.ts';
import { api, isLost } from './api.ts';
import { taskList } from './browser-stores.ts';
import type { TaskEnd } from './task-list.ts';

/** Waits for the tasks of this page. */
export const tracker = new TaskTracker<TaskState>({
  read: api.task,
  follow: followByEvents((ids) => `/api/events?${ids.map((id) => `task=${encodeURIComponent(id)}`).join('&')}`, {
    event: 'task',
  }),
  cancel: api.cancel,
  isGone: isLost,
});
tracker.onSettled((snapshot, task_id) => taskList.settle(task_id, endOf(snapshot)));

/** What is known of a task, as it changes. */
export const useTask = (task_id: string) => useTracked(tracker, task_id);

function endOf({ state, isGone }: TaskSnapshot<TaskState>): TaskEnd {
  if (isGone || !state) return { status: 'gone' };
  const { outputs = [], status } = state;
  const [{ kind, width, height } = {}] = outputs;
  return {
    status,
    count: outputs.length,
    ...(kind && { kind }),
    ...(width && height && { width, height }),
  };
}
