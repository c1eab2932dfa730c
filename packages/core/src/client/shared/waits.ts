import { type Clock, monotonicClock } from '@heurist/server-kit/clock';
import type { WorkflowTaskResult } from '../../wire/task-result.ts';
import { isPage } from '../../wire/transport/is-page.ts';
import type { CallOptions, Credentials } from '../../wire/transport.ts';
import type { Budget } from '../budget.ts';
import type { DownloadSettings } from '../files/download.ts';
import { withFiles } from '../files/output-file.ts';
import { followEvents, type TaskEvents } from '../task-events.ts';
import { type WaitCalls, type WaitOptions, waitForTask } from '../wait-for-task.ts';
import { type Abilities, newAbilities } from './abilities.ts';
import { createSharedEvents, type Follower, type SharedEvents } from './events.ts';
import { Inbox } from './inbox.ts';
import { createQueries } from './queries.ts';

/** The client that a wait belongs to, and the key that it waits with. */
export interface WaitClient extends Pick<WaitCalls, 'cancel'> {
  connection: {
    call(name: 'tasks_query', body: object, options: CallOptions): Promise<{ results: readonly unknown[] }>;
    open(name: string, body: object, signal: AbortSignal, credentials: Credentials): Promise<Response>;
    /** How outputs are fetched. */
    files(): DownloadSettings;
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
interface Group extends WaitCalls {
  waits: number;
}

const clients = new WeakMap<WaitClient['connection'], Together>();

/**
 * Streams of single tasks that a web page opens at most, at a sequencer that has no others: a browser has six connections to a host
 * over HTTP/1.1, and calls need some.
 */
const MOST_PAGE_STREAMS = 3;

/** Waits for a task, together with all other waits of the client. The outputs that the caller sees have their methods. */
export async function waitTogether(
  client: WaitClient,
  submitted: string | (() => Promise<string>),
  budget: Budget,
  { onProgress, ...options }: WaitOptions,
): Promise<WorkflowTaskResult> {
  const { connection, credentials } = client;
  const { files } = connection;
  const together = clients.get(connection) ?? { abilities: newAbilities(), groups: new Map<string, Group>() };
  clients.set(connection, together);
  const key = JSON.stringify(credentials);
  const group = together.groups.get(key) ?? createGroup(client, together.abilities, monotonicClock);
  together.groups.set(key, group);
  group.waits++;
  const seen = onProgress && ((state: WorkflowTaskResult) => onProgress(withFiles(state, files)));
  try {
    return withFiles(await waitForTask(group, submitted, budget, { ...options, onProgress: seen }), files);
  } finally {
    // keys may come and go: each task can have its own
    if (!--group.waits) together.groups.delete(key);
  }
}

function createGroup(
  { connection, credentials, query, cancel }: WaitClient,
  abilities: Abilities,
  clock: Clock,
): Group {
  const { api_key } = credentials;
  const many = (task_ids: readonly string[], options: CallOptions) =>
    connection.call('tasks_query', { task_ids, api_key }, { ...options, credentials });
  const open = (name: string, body: object, signal: AbortSignal) =>
    connection.open(name, { ...body, api_key }, signal, credentials);

  /** Follows a task on a stream of its own, as sequencers without `tasks_events` have it. */
  function followAlone({ task_id, signal, inbox }: Follower): TaskEvents | undefined {
    if (isPage() && abilities.streams >= MOST_PAGE_STREAMS) return undefined;
    abilities.streams++;
    signal.addEventListener('abort', () => void abilities.streams--, { once: true });
    const openAlone = (streamSignal: AbortSignal) => open('task_events', { task_id }, streamSignal);
    return followEvents(openAlone, signal, clock, Math.random, inbox);
  }

  const shared = createSharedEvents<Following>({
    open: (tasks, signal) => open('tasks_events', { tasks }, signal),
    onMissing(followers) {
      abilities.events = 'one';
      for (const follower of followers) follower.alone = followAlone(follower);
    },
    clock,
  });

  function follow(task_id: string, signal: AbortSignal, withProgress: boolean): TaskEvents {
    const following = new Following(task_id, signal, withProgress, clock, shared);
    if (abilities.events === 'one') following.alone = followAlone(following);
    else shared.follow(following);
    return following;
  }
  return { waits: 0, query: createQueries({ many, one: query }, abilities, clock), follow, cancel };
}

/** A wait that follows its task, on the shared stream or on its own; without either, polls go on alone. */
class Following implements Follower, TaskEvents {
  readonly task_id: string;
  readonly signal: AbortSignal;
  readonly withProgress: boolean;
  readonly inbox: Inbox<WorkflowTaskResult>;
  alone: Pick<TaskEvents, 'isLive'> | undefined;
  readonly #shared: SharedEvents<Following>;

  constructor(
    task_id: string,
    signal: AbortSignal,
    withProgress: boolean,
    clock: Clock,
    shared: SharedEvents<Following>,
  ) {
    this.task_id = task_id;
    this.signal = signal;
    this.withProgress = withProgress;
    this.inbox = new Inbox(signal, clock);
    this.#shared = shared;
  }

  get isLive(): boolean {
    return this.alone?.isLive ?? this.#shared.isLive(this.task_id);
  }

  next(ms: number): Promise<WorkflowTaskResult | undefined> {
    return this.inbox.next(ms);
  }
}
