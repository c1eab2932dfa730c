// Waiting, resuming and progress of tasks in React. Nothing here knows the page around it.
export { followByEvents } from './event-stream.ts';
export { hasEnded, type TaskSnapshot } from './task-source.ts';
export { TaskTracker } from './task-tracker.ts';
export { useCancel, useTask, useTasks } from './use-tasks.ts';
