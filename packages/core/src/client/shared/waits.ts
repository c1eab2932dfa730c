import { type Clock, monotonicClock } from '@heurist/server-kit/clock';
import type { WorkflowTaskResult } from '../../wire/task-result.ts';
import { type CallOptions, type Credentials, isPage } from '../../wire/transport.ts';
import type { Budget } from '../budget.ts';
import { followEvents, type TaskEvents } from '../task-events.ts';
import { type WaitCalls, type WaitOptions, waitForTask } from '../wait-for-task.ts';
import { type Abilities, newAbilities } from './abilities.ts';
import { createSharedEvents, type Follower } from './events.ts';
import { createInbox } from './inbox.ts';
import { createQueries } from './queries.ts';

/** The client that a wait belongs to, and the key that it waits with. */
export interface WaitClient extends Pick<WaitCalls, 'cancel'> {
  connection: {
    call(name: 'tasks_query', body: object, options: CallOptions): Promise<{ results: readonly unknown[] }>;
    open(name: string, body: object, signal: AbortSignal, credentials: Credentials): Promise<Response>;
  };
  credentials: Credentials;
  query(task_id: string, options: CallOptions): Promise<WorkflowTaskResult>;
}

/** What all waits of a client share. */
interface Together {
  abilities: Abilities;
  /** By key. */
  groups: Map<string, Group>;
}

/** Waits with the same key: one event stream and one batch of queries at a time. */
interface Group extends Pick<WaitCalls, 'query' | 'follow'> {
  waits: number;
}

const clients = new WeakMap<WaitClient['connection'], Together>();

/**
 * Streams of single tasks that a web page opens at most, at a sequencer that has no others: a browser has six connections to a host
 * over HTTP/1.1, and calls need some.
 */
const MOST_PAGE_STREAMS = 3;

/** Waits for a task, together with all other waits of the client. */
export async function waitTogether(
  client: WaitClient,
  submitted: string | (() => Promise<string>),
  budget: Budget,
  options: WaitOptions,
): Promise<WorkflowTaskResult> {
  const { connection, credentials } = client;
  const together = clients.get(connection) ?? { abilities: newAbilities(), groups: new Map<string, Group>() };
  clients.set(connection, together);
  const key = JSON.stringify(credentials);
  const group = together.groups.get(key) ?? createGroup(client, together.abilities, monotonicClock);
  together.groups.set(key, group);
  group.waits++;
  try {
    const { query, follow } = group;
    return await waitForTask({ query, follow, cancel: client.cancel }, submitted, budget, options);
  } finally {
    // keys may come and go: each task can have its own
    if (!--group.waits) together.groups.delete(key);
  }
}

function createGroup({ connection, credentials, query }: WaitClient, abilities: Abilities, clock: Clock): Group {
  const { api_key } = credentials;
  const many = (task_ids: readonly string[], options: CallOptions) =>
    connection.call('tasks_query', { task_ids, api_key }, { ...options, credentials });
  const open = (name: string, body: object, signal: AbortSignal) =>
    connection.open(name, { ...body, api_key }, signal, credentials);

  /** Follows a task on a stream of its own, as sequencers without `tasks_events` have it. */
  function followAlone({ task_id, signal, inbox }: Following): TaskEvents | undefined {
    if (isPage() && abilities.streams >= MOST_PAGE_STREAMS) return undefined;
    abilities.streams++;
    signal.addEventListener('abort', () => void abilities.streams--, { once: true });
    const openAlone = (streamSignal: AbortSignal) => open('task_events', { task_id }, streamSignal);
    return followEvents(openAlone, signal, clock, Math.random, inbox);
  }

  const followings = new Set<Following>();
  const shared = createSharedEvents({
    open: (tasks, signal) => open('tasks_events', { tasks }, signal),
    onMissing() {
      abilities.events = 'one';
      for (const following of followings) following.events = followAlone(following);
    },
    clock,
  });

  function follow(task_id: string, signal: AbortSignal, withProgress: boolean): TaskEvents {
    const inbox = createInbox<WorkflowTaskResult>(signal, clock);
    const following: Following = { task_id, signal, inbox, withProgress, events: undefined };
    if (abilities.events === 'one') following.events = followAlone(following);
    else {
      following.events = shared.follow(task_id, following);
      followings.add(following);
      signal.addEventListener('abort', () => void followings.delete(following), { once: true });
    }
    return {
      get isLive() {
        return following.events?.isLive ?? false;
      },
      next: inbox.next,
    };
  }
  return { waits: 0, query: createQueries({ many, one: query }, abilities, clock), follow };
}

/** A wait that follows its task. */
interface Following extends Follower {
  task_id: string;
  /** From the shared stream, or from its own. None: polls go on alone. */
  events: Pick<TaskEvents, 'isLive'> | undefined;
}
