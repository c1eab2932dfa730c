// The short way for groups of tasks beside the one by transactions: the same random life in two databases.
import { HeuristError } from '@heurist/core';
import { expect, test } from 'vitest';
import { delivery, submission, useTaskRoom } from '../../test/support/task-room.ts';
import { Attempts } from './attempts.ts';
import { type ClaimedTask, Claims, isTask } from './claims.ts';
import type { Claim } from './dispatch.ts';
import { OneTrip } from './one-trip.ts';
import { Tasks } from './tasks.ts';
import type { Priority } from './turns.ts';

const rooms = [useTaskRoom(), useTaskRoom()] as const;
type Room = (typeof rooms)[number];

/** The same numbers for each seed, from 0 to 1. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Step {
  submits: {
    job_id: string;
    consumer_id: string;
    workflow_id: string;
    priority: Priority;
    openTasks: number;
    key_id?: string;
  }[];
  /** One, as often as it claims: who of several gets which task is not told. */
  miners: string[];
  offers: string[];
  finish: number;
  fail: number;
  cancel: number;
}

/** A life of which much is ordinary, and some is not: priorities, repeats, limits, failures, cancels. */
function planLife(seed: number): Step[] {
  const random = randomOf(seed);
  const pick = <T>(...all: T[]) => all[Math.floor(random() * all.length)]!;
  let number = 0;
  return Array.from({ length: 16 }, () => {
    const isPlain = random() < 0.6;
    return {
      submits: Array.from({ length: Math.floor(random() * 6) }, () => ({
        job_id: random() < 0.9 ? `job${number++}` : `job${Math.floor(random() * number)}`,
        consumer_id: pick('a', 'b', 'c'),
        workflow_id: pick('echo', 'echo', 'other'),
        priority: isPlain ? 0 : pick<Priority>(-1, 0, 1),
        openTasks: isPlain ? 1000 : pick(4, 1000),
        ...(random() < 0.3 && { key_id: '6b0f4a3e-7a70-4a52-9f0e-0f5d6f3b7a01' }),
      })),
      miners: Array<string>(Math.floor(random() * 4)).fill(pick('m1', 'm2', 'm3')),
      offers: pick(['echo', 'other'], ['echo'], ['other']),
      finish: random(),
      fail: random(),
      cancel: random(),
    };
  });
}

/** Notes how often a group went in one trip. */
class Watched extends OneTrip {
  readonly short: string[] = [];
  #note<T>(name: string, outcome: T): T {
    if (outcome !== undefined) this.short.push(name);
    return outcome;
  }
  override submit = async (...args: Parameters<OneTrip['submit']>) => this.#note('submit', await super.submit(...args));
  override claim = async (...args: Parameters<OneTrip['claim']>) => this.#note('claim', await super.claim(...args));
  override finish = async (...args: Parameters<OneTrip['finish']>) => this.#note('finish', await super.finish(...args));
}

/** What happened, in words that are the same in both rooms: tasks by their job ids. */
async function live(room: Room, steps: readonly Step[], oneTrip?: OneTrip): Promise<string[]> {
  const seen: string[] = [];
  const jobs = new Map<string, string>();
  const running: Claim[] = [];
  const nameOf = ({ task }: ClaimedTask) => jobs.get(task.task_id)!;
  const context = { ...room.context, oneTrip };
  const [tasks, attempts] = [new Tasks(context), new Attempts(context)];
  const claims = new Claims(context, { maxLeases: 3 });
  for (const { submits, miners, offers, finish, fail, cancel } of steps) {
    // of one moment and one turn, any may be first
    for (const group of Map.groupBy(submits, ({ consumer_id }) => consumer_id).values())
      seen.push(...(await submitAll(tasks, group, jobs)));
    const found = await claims.claim(
      offers,
      miners.map((miner_id) => ({ miner_id, warm: [{ key: 'k' }] })),
    );
    const taken = found.filter(isTask).toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
    seen.push(...taken.map((each) => `claim ${nameOf(each)} ${each.claim.attempt}`));
    seen.push(...found.filter((outcome) => !isTask(outcome)).map((outcome) => `claim ${outcome}`));
    running.push(...taken.map(({ claim }) => claim));
    const at = (share: number) => running.splice(Math.floor(share * running.length), finish < 0.7 ? 1 : 2);
    const told = await Promise.allSettled(at(finish).map((claim) => attempts.finish(claim, delivery)));
    seen.push(...told.map(({ status }) => status));
    if (fail < 0.3)
      for (const claim of at(fail))
        await attempts.fail(claim, { code: 'execution_failed', message: '', is_retryable: true });
    const waiting = await room.database.query<{ task_id: string }>(
      `SELECT task_id FROM heurist.task WHERE status = 'waiting' ORDER BY consumer_id, job_id`,
    );
    if (cancel < 0.4 && waiting.length)
      await tasks.cancel(await tasks.get(waiting[Math.floor(cancel * waiting.length)]!.task_id));
    seen.push(...(await describe(room)));
  }
  return seen;
}

async function submitAll(tasks: Tasks, submits: Step['submits'], jobs: Map<string, string>): Promise<string[]> {
  const submitting = submits.map(({ openTasks, ...each }) => {
    const keyQuota = each.key_id ? { openTasks: 3, tasksPerMinute: 1000 } : undefined;
    const quota = { openTasks, tasksPerMinute: 1000 };
    return tasks.submit({ ...submission, ...each, quota, keyQuota });
  });
  return (await Promise.allSettled(submitting)).map((outcome, index) => {
    const job_id = `${submits[index]!.consumer_id}/${submits[index]!.job_id}`;
    if (outcome.status === 'rejected') {
      expect(HeuristError.isInstance(outcome.reason)).toBe(true);
      return `${job_id} ${outcome.reason.code} ${outcome.reason.message}`;
    }
    const { task, position } = outcome.value;
    if (position !== undefined) jobs.set(task.task_id, job_id);
    return `${job_id} ${jobs.get(task.task_id)} turn ${task.turn} at ${position} ${task.status}`;
  });
}

/** Tasks and jobs, without ids and times. */
async function describe({ database }: Room): Promise<string[]> {
  const rows = await database.query(
    `SELECT task.job_id, to_jsonb(task) - '{task_id,number,created_at,claimed_at,ended_at,history,overdue_at}'::text[] AS task,
       to_jsonb(job) - '{id,created_on,started_on,completed_on,heartbeat_on,keep_until,start_after,singleton_on}'::text[] AS job,
       CASE job.state WHEN 'created' THEN array[job.keep_until - job.start_after, job.start_after - job.created_on]::text END AS kept,
       job.started_on IS NOT NULL AS has_started, job.completed_on IS NOT NULL AS is_completed, job.heartbeat_on IS NOT NULL AS beats
     FROM heurist.task LEFT JOIN pgboss.job ON job.id = task.task_id ORDER BY task.consumer_id, task.job_id`,
  );
  const lines = await database.query('SELECT * FROM heurist.line ORDER BY consumer_id, workflow_id');
  return [...rows, ...lines].map((row) => JSON.stringify(row));
}

test.for([1, 2])('a random life is the same in one trip as by transactions: seed %i', async (seed) => {
  const steps = planLife(seed);
  const watched = new Watched(rooms[1].database);
  const [plain, short] = [await live(rooms[0], steps), await live(rooms[1], steps, watched)];
  for (const [index, line] of plain.entries()) expect(short[index]).toBe(line);
  for (const name of ['submit', 'claim', 'finish'])
    expect(watched.short.filter((each) => each === name).length).toBeGreaterThan(5);
});
