// What the tests of tasks/ share: the queue over an embedded database, without HTTP.
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Bus, createBus } from '../../src/bus/bus.ts';
import type { Database } from '../../src/database/database.ts';
import { Attempts } from '../../src/tasks/attempts.ts';
import type { TaskContext } from '../../src/tasks/change-task.ts';
import { type ClaimedTask, Claims, isTask, type Outcome } from '../../src/tasks/claims.ts';
import { type Claim, Dispatch } from '../../src/tasks/dispatch.ts';
import type { Submission } from '../../src/tasks/submit-tasks.ts';
import { Tasks } from '../../src/tasks/tasks.ts';
import { emptyDatabase, openTestDatabase } from './database.ts';

const MAX_ATTEMPTS = 3;

/** Tasks over one database, which is empty at the beginning of each test. */
export class TaskRoom {
  database!: Database;
  dispatch!: Dispatch;
  bus!: Bus;
  tasks!: Tasks;
  claims!: Claims;
  attempts!: Attempts;
  /** What the bus has sent to other processes. */
  forwarded: string[] = [];

  get context(): TaskContext {
    return { database: this.database, dispatch: this.dispatch, bus: this.bus };
  }

  async submit(more: Partial<Submission> = {}): Promise<string> {
    const { task } = await this.tasks.submit({ ...submission, ...more });
    return task.task_id;
  }

  async claim(miner_id = 'rig', workflow_ids = ['echo', 'other']): Promise<Claim> {
    const [found] = await this.claims.claim(workflow_ids, [{ miner_id }]);
    if (!isTask(found)) throw new Error('there is no task');
    return found.claim;
  }

  /** Makes the heartbeats of all running tasks older. */
  async ageHeartbeats(seconds: number): Promise<void> {
    const query = `UPDATE pgboss.job SET heartbeat_on = heartbeat_on - $1 * interval '1 second' WHERE state = 'active'`;
    await this.database.query(query, [seconds]);
  }

  /** The status of a task's job in the queue. */
  async jobState(task_id: string): Promise<string | undefined> {
    const query = 'SELECT state::text FROM pgboss.job WHERE id = $1::uuid';
    return (await this.database.query<{ state: string }>(query, [task_id]))[0]?.state;
  }
}

export const submission: Submission = {
  consumer_id: 'acme',
  job_id: undefined,
  task_type: 'echo',
  workflow_id: 'echo',
  task_details: { parameters: { text: 'hi' } },
  timeout_seconds: undefined,
  priority: 0,
  quota: { openTasks: 1e6, tasksPerMinute: 1e6 },
  traceparent: undefined,
};

export const delivery = {
  artifact_ids: [],
  parameters: { text: 'hi' },
  models: undefined,
  versions: undefined,
  upload_ms: 12,
};

/** The task of a claim's outcome, if it has one. */
export function taskOf(outcome: Outcome): ClaimedTask | undefined {
  return isTask(outcome) ? outcome : undefined;
}

/** Opens the room for the tests of one file. */
export function useTaskRoom(): TaskRoom {
  const room = new TaskRoom();
  beforeAll(async () => {
    room.database = await openTestDatabase();
    room.dispatch = new Dispatch(room.database, MAX_ATTEMPTS, () => {});
    await room.dispatch.start();
    await Promise.all(['echo', 'other'].map((workflow_id) => room.dispatch.ensureQueue(workflow_id)));
  });
  beforeEach(async () => {
    await emptyDatabase(room.database);
    room.forwarded = [];
    room.bus = createBus((event) => room.forwarded.push(event));
    room.tasks = new Tasks(room.context);
    room.claims = new Claims(room.context);
    room.attempts = new Attempts(room.context);
  });
  afterAll(async () => {
    await room.dispatch?.stop();
    await room.database?.close();
  });
  return room;
}
