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

/** Where news come to, from this process or another. */
export type BusEvent = 'work' | `task:${string}`;

/** @param tellOthers - called with each event of this process, for those that share its database */
export function createBus(tellOthers: (event: BusEvent) => void = () => {}, emitter = createEmitter()): Bus {
  const subscribe = (event: BusEvent, listener: () => void) => {
    emitter.on(event, listener);
    return () => void emitter.off(event, listener);
  };
  const tell = (event: BusEvent) => {
    emitter.emit(event);
    tellOthers(event);
  };
  return {
    taskChanged: (task_id) => tell(`task:${task_id}`),
    workArrived: () => tell('work'),
    onTask: (task_id, listener) => subscribe(`task:${task_id}`, listener),
    onWork: (listener) => subscribe('work', listener),
  };
}

/** Every open request listens. */
export function createEmitter(): EventEmitter {
  return new EventEmitter().setMaxListeners(0);
}
