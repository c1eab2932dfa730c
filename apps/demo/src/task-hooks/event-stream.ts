import type { TaskSource, TrackedState } from './task-source.ts';

/** How a stream of events is opened. */
export interface EventStreamOptions {
  /** Name of the events, each a state as JSON. */
  event: string;
  /** After how long a stream that was refused is asked for again, in milliseconds. Default: 3 s */
  retryMs?: number;
}

/**
 * Follows tasks by server-sent events.
 *
 * @param urlOf - address of the stream of these tasks
 */
export function followByEvents<State extends TrackedState>(
  urlOf: (task_ids: readonly string[]) => string,
  { event, retryMs = 3000 }: EventStreamOptions,
): TaskSource<State>['follow'] {
  return (task_ids, { onState, onGap }) => {
    let events: EventSource;
    let timer: ReturnType<typeof setTimeout>;
    const open = () => {
      events = new EventSource(urlOf(task_ids));
      events.addEventListener(event, ({ data }) => onState(JSON.parse(data)));
      events.onerror = () => {
        onGap();
        // the browser reconnects by itself, except after a refusal
        if (events.readyState === EventSource.CLOSED) timer = setTimeout(open, retryMs);
      };
    };
    open();
    return () => {
      clearTimeout(timer);
      events.close();
    };
  };
}
