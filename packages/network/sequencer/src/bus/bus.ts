import { EventEmitter } from 'node:events';

/** Tells waiting requests of this process that something changed. A hint only: the database is the truth. */
export interface Bus {
  /** A task changed. */
  taskChanged(task_id: string): void;
  /** There is something to claim, of this workflow. Told to this process: its claim desk knows whether others must hear. */
  workArrived(workflow_id: string): void;
  /** There is something to claim that nobody here waits for. Told to other processes. */
  workLeft(): void;
  onTask(task_id: string, listener: () => void): () => void;
  /** @param listener - gets the workflow where the work arrived in this process */
  onWork(listener: (workflow_id?: string) => void): () => void;
}

/** Where news come to, from this process or another. */
export type BusEvent = 'work' | `task:${string}`;

/** @param tellOthers - called with each event of this process, for those that share its database */
export function createBus(tellOthers: (event: BusEvent) => void = () => {}, emitter = createEmitter()): Bus {
  const subscribe = (event: BusEvent, listener: (workflow_id?: string) => void) => {
    emitter.on(event, listener);
    return () => void emitter.off(event, listener);
  };
  return {
    taskChanged(task_id) {
      emitter.emit(`task:${task_id}`);
      tellOthers(`task:${task_id}`);
    },
    workArrived: (workflow_id) => void emitter.emit('work', workflow_id),
    workLeft: () => tellOthers('work'),
    onTask: (task_id, listener) => subscribe(`task:${task_id}`, listener),
    onWork: (listener) => subscribe('work', listener),
  };
}

/** Every open request listens. */
export function createEmitter(): EventEmitter {
  return new EventEmitter().setMaxListeners(0);
}
