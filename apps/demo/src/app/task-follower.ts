import { useEffect } from 'react';
import { taskList, useTaskList } from '../data/browser-stores.ts';
import { useEnded } from '../data/queries.ts';
import { useTaskEvents } from '../data/use-task-events.ts';

/** Follows every task that has not ended, on every page. */
export function TaskFollower() {
  const open = useTaskList().flatMap(({ task_id, has_ended }) => (has_ended ? [] : task_id));
  const ended = useEnded(open);
  useTaskEvents(open);
  useEffect(() => {
    for (const task_id of ended) taskList.markEnded(task_id);
  }, [ended]);
  return null;
}
