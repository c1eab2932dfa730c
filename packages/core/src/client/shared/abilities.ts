/**
 * What the sequencer of a client knows beyond the calls of the reference protocol. Found out by the first calls, and remembered: a
 * sequencer without the calls for many tasks is asked about each task alone, as reference clients do.
 */
export interface Abilities {
  /** `tasks_query`: `unknown` until it has worked once, or is missing. */
  queries: 'unknown' | 'many' | 'one';
  /** Which streams are opened: `tasks_events`, until it is missing; then `task_events`, one for each task. */
  events: 'many' | 'one';
  /** Streams of single tasks that are open. */
  streams: number;
}

export const newAbilities = (): Abilities => ({ queries: 'unknown', events: 'many', streams: 0 });
