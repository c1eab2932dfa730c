import { EventEmitter } from 'node:events';

/** Tells waiting requests of this process that something changed. A hint only: the database is the truth. */
export interface Bus {
  /** A task changed. */
  taskChanged(task_id: string): void;
  /** There is something to claim. */
  workArrived(): void;
  onTask(task_id: string, listener: () => void): () => void;
  onWork(listener: () => void): () => void;
}

export function createBus(): Bus {
  const emitter = new EventEmitter().setMaxListeners(0);
  const subscribe = (event: string, listener: () => void) => {
    emitter.on(event, listener);
    return () => void emitter.off(event, listener);
  };
  return {
    taskChanged: (task_id) => void emitter.emit(`task:${task_id}`),
    workArrived: () => void emitter.emit('work'),
    onTask: (task_id, listener) => subscribe(`task:${task_id}`, listener),
    onWork: (listener) => subscribe('work', listener),
  };
}
