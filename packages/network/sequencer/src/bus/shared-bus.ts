import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { Channel } from '../database/database.ts';
import { type Bus, type BusEvent, type CallLine, createBus, createEmitter, KEYS } from './bus.ts';
import { type CallNews, createNewsOutbox, readCallNews } from './call-news.ts';

/** How long events gather before they go to other replicas in one NOTIFY, which takes a lock of the whole server. */
const COALESCE_MS = { work: 10, task: 50 };
/** Postgres accepts 8000 bytes in one message; an event has about 45. */
const MAX_EVENTS = 150;
/** Of the names that replicas give themselves: UUIDs. */
const MAX_ID = 36;

interface Message {
  from: string;
  events: BusEvent[];
  // what follows is apart from the events, so that replicas of the versions before, which do not know it, read past it
  addresses?: unknown[];
  /** Tasks whose miner must stop. */
  stops?: string[];
  /** The owner whose keys have changed, or nothing for any. Sent by the database, see the schema. */
  keys?: string;
}

/** A bus whose events reach every replica that shares the database. */
export interface SharedBus extends Bus {
  /** How many notifications and events of unknown form were ignored. */
  readonly ignored: number;
  stop(): Promise<void>;
}

/** @param onError - a notification was not sent, or one of unknown form came: the first, the tenth, the hundredth, ... */
export async function createSharedBus(
  channel: Channel,
  onError: (error: Error) => void,
  clock: Clock = systemClock,
): Promise<SharedBus> {
  const emitter = createEmitter();
  const outbox = createOutbox(channel, onError, clock);
  const listeners = new Set<(replica: string, news: CallNews) => void>();
  const line: CallLine = {
    tellCalls: (news) => outbox.addAddress(news),
    onCalls(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  let ignored = 0;
  const ignore = () => {
    ignored++;
    if (Number.isInteger(Math.log10(ignored)))
      onError(new Error(`A notification of unknown form was ignored (${ignored} so far).`));
  };
  const subscription = await channel.subscribe(
    (text) => {
      const message = readMessage(text);
      if (!message) return ignore();
      // this process has heard its own events already
      if (message.from === outbox.id) return;
      for (const event of message.events) isEvent(event) ? emitter.emit(event) : ignore();
      for (const task_id of message.stops) isTaskId(task_id) ? emitter.emit(`stop:${task_id}`) : ignore();
      if (message.keys !== undefined) emitter.emit(KEYS, message.keys || undefined);
      for (const news of message.addresses) {
        if (news) for (const listener of listeners) listener(message.from, news);
        else ignore();
      }
    },
    () => {
      // events may have been missed: every listener looks again
      for (const event of emitter.eventNames()) emitter.emit(event);
    },
  );
  return {
    ...createBus((event) => outbox.add(event), emitter, line),
    isUp: () => subscription.isCurrent(),
    get ignored() {
      return ignored;
    },
    async stop() {
      outbox.stop();
      await subscription.stop();
    },
  };
}

/** Anyone who may use the database can notify on the channel, and so can a newer version. */
function readMessage(text: string) {
  try {
    const { from, events, addresses, stops = [], keys } = JSON.parse(text) as Record<string, unknown>;
    if (!Array.isArray(events) || !Array.isArray(stops)) return undefined;
    return {
      from: `${from}`.slice(0, MAX_ID),
      events,
      addresses: readCallNews(addresses),
      stops,
      keys: keys === undefined ? undefined : `${keys}`,
    };
  } catch {
    return undefined;
  }
}

/** Any other name, such as `error`, could mean something else to an emitter. */
const isEvent = (event: unknown): event is BusEvent =>
  event === 'work' || (typeof event === 'string' && event.startsWith('task:'));

const isTaskId = (value: unknown): value is string => typeof value === 'string';

/** Gathers events and sends them together. */
function createOutbox(channel: Channel, onError: (error: Error) => void, clock: Clock) {
  const id = randomUUID();
  const waiting = new Set<BusEvent>();
  /** Sleeps of the next flush. A miner that waits is more urgent than a progress bar. */
  const timers: Partial<Record<'work' | 'task', AbortController>> = {};
  const send = (message: Message) => void channel.publish(JSON.stringify(message)).catch(onError);
  const addresses = createNewsOutbox((rows) => send({ from: id, events: [], addresses: rows }), clock);

  function stopTimers(): void {
    for (const kind of ['work', 'task'] as const) {
      timers[kind]?.abort();
      delete timers[kind];
    }
  }
  function flush(): void {
    stopTimers();
    const events = [...waiting];
    waiting.clear();
    for (let start = 0; start < events.length; start += MAX_EVENTS)
      send(messageOf(id, events.slice(start, start + MAX_EVENTS)));
  }
  return {
    id,
    stop() {
      stopTimers();
      addresses.stop();
    },
    addAddress: addresses.add,
    add(event: BusEvent): void {
      waiting.add(event);
      const kind = event === 'work' ? 'work' : 'task';
      if (timers[kind]) return;
      const timer = new AbortController();
      timers[kind] = timer;
      void clock.sleep(COALESCE_MS[kind], timer.signal).then(() => !timer.signal.aborted && flush());
    },
  };
}

const STOP = 'stop:';

function messageOf(from: string, events: readonly BusEvent[]): Message {
  const stops = events.filter((event) => event.startsWith(STOP)).map((event) => event.slice(STOP.length));
  return { from, events: events.filter((event) => !event.startsWith(STOP)), ...(stops.length && { stops }) };
}
