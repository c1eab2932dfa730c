import { randomUUID } from 'node:crypto';
import type { Channel } from '../database/database.ts';
import { type Bus, type BusEvent, createBus, createEmitter } from './bus.ts';

/** News of so long are told to other replicas together: each NOTIFY waits for a lock of the whole server. */
const COALESCE_MS = { work: 10, task: 50 };
/** Postgres takes 8000 bytes in one message; an event has about 45. */
const MAX_EVENTS = 150;

interface News {
  from: string;
  events: BusEvent[];
}

/** A bus whose events reach every replica that shares the database. */
export async function createSharedBus(
  channel: Channel,
  onError: (error: Error) => void,
): Promise<Bus & { stop(): Promise<void> }> {
  const emitter = createEmitter();
  const own = randomUUID();
  const waiting = new Set<BusEvent>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let urgent: ReturnType<typeof setTimeout> | undefined;

  function stopTimers() {
    clearTimeout(timer);
    clearTimeout(urgent);
    timer = urgent = undefined;
  }

  function flush() {
    stopTimers();
    const events = [...waiting];
    waiting.clear();
    for (let start = 0; start < events.length; start += MAX_EVENTS) {
      const news: News = { from: own, events: events.slice(start, start + MAX_EVENTS) };
      channel.publish(JSON.stringify(news)).catch(onError);
    }
  }
  function receive(message: string) {
    const { from, events }: News = JSON.parse(message);
    // its own were told at once
    if (from !== own) for (const event of events) emitter.emit(event);
  }
  /** Whatever was missed: all look again. */
  function wakeAll() {
    for (const event of emitter.eventNames()) emitter.emit(event);
  }

  const subscription = await channel.subscribe(receive, wakeAll);
  const bus = createBus((event) => {
    waiting.add(event);
    // a miner that waits is worth more haste than a bar that moves
    if (event === 'work') urgent ??= setTimeout(flush, COALESCE_MS.work);
    else timer ??= setTimeout(flush, COALESCE_MS.task);
  }, emitter);
  return {
    ...bus,
    async stop() {
      stopTimers();
      await subscription.stop();
    },
  };
}
