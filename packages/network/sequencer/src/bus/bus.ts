import { EventEmitter } from 'node:events';
import type { CallNews } from './call-news.ts';

/** Wakes waiting requests when something changed, and ends what is held in memory. A hint only: the database is the truth. */
export interface Bus {
  /** Announces that a task changed, to every process. */
  publishTask(task_id: string): void;
  /** Announces work of a workflow inside this process, where its long poll knows whether others must hear of it. */
  publishWork(workflow_id: string): void;
  /** Announces to other processes that there is work that no miner here waits for. */
  forwardWork(): void;
  /** @returns ends the subscription */
  onTask(task_id: string, listener: () => void): () => void;
  /** @param listener - gets the workflow if the work was announced in this process */
  onWork(listener: (workflow_id?: string) => void): () => void;
  /** Announces that whoever runs a task must stop, or has lost it. */
  publishStop(task_id: string): void;
  /** @returns ends the subscription */
  onStop(task_id: string, listener: () => void): () => void;
  /** @param listener - gets the owner whose keys have changed; nothing if any may have. Not called for changes of this process. */
  onKeys(listener: (owner?: string) => void): () => void;
  /** Whether news come: what happened more than two seconds ago has been heard. */
  isUp(): boolean;
  /** Tells other processes what this one has counted of an address. */
  tellCalls(news: CallNews): void;
  /** @param listener - gets what another process has counted, and which one it was */
  onCalls(listener: (replica: string, news: CallNews) => void): () => void;
}

/** What processes tell each other. */
export type BusEvent = 'work' | `task:${string}` | `stop:${string}`;

/** The name of the news that keys have changed: the database itself sends them. */
export const KEYS = 'keys';

/** How counts of addresses reach other processes, and come from them. */
export type CallLine = Pick<Bus, 'tellCalls' | 'onCalls'>;

const NOBODY: CallLine = { tellCalls() {}, onCalls: () => () => {} };

/**
 * @param forward - called with each event that other processes must hear of
 * @param line - to and from other processes. Default: there are none.
 */
export function createBus(
  forward: (event: BusEvent) => void = () => {},
  emitter: EventEmitter = createEmitter(),
  line: CallLine = NOBODY,
): Bus {
  const subscribe = (event: BusEvent | typeof KEYS, listener: (subject?: string) => void) => {
    emitter.on(event, listener);
    return () => void emitter.off(event, listener);
  };
  return {
    publishTask(task_id) {
      emitter.emit(`task:${task_id}`);
      forward(`task:${task_id}`);
    },
    publishWork: (workflow_id) => void emitter.emit('work', workflow_id),
    forwardWork: () => forward('work'),
    onTask: (task_id, listener) => subscribe(`task:${task_id}`, listener),
    onWork: (listener) => subscribe('work', listener),
    publishStop(task_id) {
      emitter.emit(`stop:${task_id}`);
      forward(`stop:${task_id}`);
    },
    onStop: (task_id, listener) => subscribe(`stop:${task_id}`, listener),
    onKeys: (listener) => subscribe(KEYS, listener),
    isUp: () => true,
    ...line,
  };
}

/** Each open request adds a listener. */
export function createEmitter(): EventEmitter {
  return new EventEmitter().setMaxListeners(0);
}
