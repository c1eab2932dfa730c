// The plan of every statement that runs for each task, on full tables: one that reads a whole table is as fast as the others
// on a new network, and brings down an old one.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase } from '../../test/support/database.ts';
import { delivery, submission, taskOf } from '../../test/support/task-room.ts';
import { createBus } from '../bus/bus.ts';
import type { Database, Sql } from '../database/database.ts';
import { measureInputs } from '../files/artifact-table.ts';
import { addStored } from '../files/stored-table.ts';
import { Attempts } from './attempts.ts';
import { Claims } from './claims.ts';
import { Dispatch } from './dispatch.ts';
import { LiveMiners } from './live-miners.ts';
import { Neglected } from './neglected.ts';
import { OneTrip } from './one-trip.ts';
import { countTasks, oldestWaiting } from './table/kept-counts.ts';
import { readLine } from './table/late-lines.ts';
import {
  busyMiners,
  countSubmitted,
  deadWebhooks,
  recentFailures,
  secondsUntilFewer,
} from './table/task-statistics.ts';
import { Tasks } from './tasks.ts';
import { SecondMiners } from './trust/second-miners.ts';
import { Standings } from './trust/standings.ts';
import { keepCounts } from './upkeep/keep-counts.ts';
import { Retention } from './upkeep/retention.ts';
import { Fleet } from './warm/fleet.ts';
import { ModelLines } from './warm/model-lines.ts';

/** Enough for the planner to prefer an index. */
const ENDED = 20_000;
const WAITING = 2000;
/** Each statement of these tests is about a few tasks; the place of a task is counted one by one. */
const MOST_ROWS = 100;

interface Statement {
  text: string;
  values: unknown[];
}

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

let database: Database;
const statements = new Map<string, Statement>();

/** The same connection, which notes what runs on it. */
function recorded(sql: Sql): Sql {
  return {
    query(text, values = []) {
      if (/^\s*(WITH|SELECT|INSERT|UPDATE|DELETE)\b/i.test(text)) {
        // the same statement reads much of one queue and little of another
        statements.set(`${text} ${values[0]}`, { text, values });
      }
      return sql.query(text, values);
    },
  };
}

/** Ended tasks and jobs of the last hours, and a long line of waiting ones. */
async function fill(): Promise<void> {
  await database.query(
    `INSERT INTO heurist.task
       (task_id, consumer_id, fingerprint, task_type, workflow_id, task_details, status, turn, attempt, created_at, claimed_at, ended_at)
     SELECT gen_random_uuid(), 'acme' || number % 40, '', 'echo', 'echo', '{}', 'finished', number, 1,
       now() - interval '5 hours', now() - interval '5 hours', now() - interval '4 hours'
     FROM generate_series(1, ${ENDED}) AS number`,
  );
  await database.query(
    `INSERT INTO heurist.task (task_id, consumer_id, fingerprint, task_type, workflow_id, task_details, status, turn, created_at)
     SELECT gen_random_uuid(), 'acme' || number % 40, '', 'echo', 'echo',
       jsonb_build_object('image_url', '/artifacts/' || gen_random_uuid() || '?expires=1'), 'waiting', ${ENDED} + number,
       now() - interval '1 hour' + number * interval '1 millisecond'
     FROM generate_series(1, ${WAITING}) AS number`,
  );
  await database.query(
    `INSERT INTO heurist.artifact (artifact_id, owner, task_id, attempt, description, created_at, stored_at)
     SELECT gen_random_uuid(), consumer_id, CASE WHEN number % 2 = 0 THEN task_id END, 0, '{"bytes": 1}', at, at
     FROM heurist.task, LATERAL (SELECT now() - interval '4 hours' AS at) AS time WHERE status = 'finished'`,
  );
  // a few that are old
  await database.query(
    `UPDATE heurist.task SET ended_at = now() - interval '40 days' WHERE status = 'finished' AND turn <= 5`,
  );
  await database.query(
    `UPDATE heurist.artifact SET created_at = now() - interval '40 days' WHERE artifact_id IN (
       SELECT artifact_id FROM heurist.artifact WHERE task_id IS NULL LIMIT 5
     )`,
  );
  await database.query(
    `INSERT INTO pgboss.job (id, name, priority, state, policy, completed_on)
     SELECT task_id, 'workflow.' || workflow_id, -turn, CASE WHEN status = 'waiting' THEN 'created' ELSE 'completed' END::pgboss.job_state,
       'standard', CASE WHEN turn <= 5 THEN ended_at WHEN status = 'finished' THEN now() - interval '5 minutes' END
     FROM heurist.task`,
  );
  await database.query(`INSERT INTO heurist.setting (name, value) VALUES ('stored_until', now()::text)`);
  await database.query('VACUUM (ANALYZE)');
}

/** What the life of a task runs: submitted, looked at, claimed, worked on, finished, failed, canceled; and the sweeps. */
async function live(sql: Database): Promise<void> {
  const dispatch = new Dispatch(sql, 3, () => {});
  await dispatch.start();
  const context = { database: sql, dispatch, bus: createBus(() => {}) };
  const miners = new LiveMiners(sql, 0);
  const standings = new Standings(sql, miners);
  const secondMiners = new SecondMiners(sql, miners, standings);
  const [tasks, claims, attempts] = [
    new Tasks(context, { onCancel: (task) => standings.recordCancel(task) }),
    new Claims(context, { limits: async () => new Map([['rig', 10]]) }),
    new Attempts(context, {
      onFailure: (failed) => standings.recordFailures(failed),
      onFinish: (ended) => standings.recordFinish(ended),
    }),
  ];
  const submitted = await Promise.all(
    [1, 2, 3, 4].map(() => tasks.submit({ ...submission, job_id: crypto.randomUUID() })),
  );
  const { task } = submitted[0]!;
  await tasks.queuePosition(task);
  const record = await tasks.get(task.task_id);
  const claimants = [{ miner_id: 'rig', claim_id: 'a' }, { miner_id: 'rig' }, { miner_id: 'rig' }];
  const claimed = (await claims.claim(['echo', 'other'], claimants)).map((found) => taskOf(found)!.claim);
  await claims.findClaim(claimants[0]!);
  await attempts.heartbeat(claimed[0]!, { percent: 1 });
  await attempts.finish(claimed[0]!, delivery);
  await attempts.fail(claimed[1]!, { code: 'execution_failed', message: '', is_retryable: true });
  await tasks.cancel(record);
  await standings.limits('echo');
  const fleet = new Fleet(sql, undefined, 50);
  await fleet.record({ miner_id: 'rig', machine_id: '' }, [{ key: 'a' }], 10);
  await fleet.recordPassed([{ line: 'echo', head_id: task.task_id, since: 1 }]);
  const lines = new ModelLines(context, new Map([['echo', undefined]]));
  const [line] = await lines.read(['echo', 'other'], 3, (await fleet.summary()).passed);
  const these = (line!.task_ids ?? []).slice(0, 2);
  const undo = new Error('undo');
  await sql
    .transaction(async (own) => {
      await dispatch.fetchThese(own, 'echo', these);
      throw undo;
    })
    .catch((error) => {
      if (error !== undo) throw error;
    });
  await secondMiners.allow('rig', ['echo']);
  await new Neglected(sql, ['echo']).list();
  await standings.sweep();
  // each batch is one statement, whatever the length of the line
  expect(await dispatch.findStrays(sql, 50)).toEqual([]);
  await attempts.failExpired(60);
  await tasks.failOverdue();
  await dispatch.deleteEnded(sql);
  await busyMiners(sql);
  await countTasks(sql, ['other', 'third']);
  await oldestWaiting(sql, ['echo', 'other']);
  await recentFailures(sql, 'acme1');
  await deadWebhooks(sql, 'acme1');
  await countSubmitted(sql, [{ consumer_id: 'acme1' }]);
  await secondsUntilFewer(sql, { consumer_id: 'acme1' }, 10);
  await measureInputs(sql, 'nobody', 60);
  await sql.transaction(addStored);
  await keepCounts(sql, ['other', 'third']);
  await new Retention({ ...sql, transaction: (work) => work(sql) }, { delete: async () => {} } as never, {
    days: 30,
  }).sweep();
  await dispatch.stop();
}

beforeAll(async () => {
  database = await openTestDatabase();
  await fill();
  await live({
    ...database,
    ...recorded(database),
    transaction: (run) => database.transaction((sql) => run(recorded(sql))),
  });
});
afterAll(() => database.close());

/** Rows of tasks, jobs and files that a plan has read, those that a filter threw away included. */
function rowsRead(plan: Plan): number {
  const isBig =
    /^(task|job|job_common|artifact|named_file)$/.test(plan['Relation Name'] ?? '') && /Scan$/.test(plan['Node Type']);
  const own = isBig ? (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'] : 0;
  return (plan.Plans ?? []).reduce((sum, child) => sum + rowsRead(child), own);
}

/** Rows of tasks and jobs that this connection has read: whole tables, and through indexes. */
async function rowsSoFar(sql: Sql): Promise<{ whole: number; fetched: number }> {
  const [row] = await sql.query<{ whole: number; fetched: number }>(
    `SELECT sum(seq_tup_read)::int AS whole, sum(idx_tup_fetch)::int AS fetched FROM pg_stat_xact_user_tables
     WHERE relname IN ('task', 'job', 'job_common')`,
  );
  return row!;
}

/** Runs a statement, reads its plan, and takes back what it did. */
async function planOf({ text, values }: Statement, without?: string): Promise<Plan> {
  const undo = new Error('undo');
  let plan: Plan | undefined;
  await database
    .transaction(async (sql) => {
      if (without) await sql.query(`DROP INDEX ${without}`);
      const [row] = await sql.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
        values,
      );
      plan = row!['QUERY PLAN'][0].Plan;
      throw undo;
    })
    .catch((error) => {
      if (error !== undo) throw error;
    });
  return plan!;
}

test('what a group of tasks does in one trip reads a few rows, too', async () => {
  const found: Record<string, number[]> = {};
  const undo = new Error('undo');
  const look = async <T>(sql: Sql, name: string, run: () => Promise<T>): Promise<T> => {
    const before = await rowsSoFar(sql);
    const outcome = await run();
    const after = await rowsSoFar(sql);
    found[name] = [after.whole - before.whole, after.fetched - before.fetched];
    return outcome;
  };
  await database
    .transaction(async (sql) => {
      const oneTrip = new OneTrip(sql);
      const tasks = [1, 2, 3].map(() => ({
        ...submission,
        task_id: randomUUID(),
        job_id: randomUUID(),
        fingerprint: '',
      }));
      const quotas = [{ submitter: { consumer_id: 'acme' }, quota: submission.quota, count: 3 }];
      expect((await look(sql, 'submit', () => oneTrip.submit(tasks, quotas)))?.size).toBe(3);
      const leases = { owner: 9, key: 9, machine: 9 };
      const takers = [1, 2].map(() => ({ miner_id: 'm', claim_id: undefined, leases }));
      const taken = (await look(sql, 'claim', () => oneTrip.claim('echo', takers)))!.map((each) => each!.claim);
      const task_ids = tasks.slice(1).map(({ task_id }) => task_id);
      expect(await look(sql, 'claim these', () => oneTrip.claim('echo', takers, task_ids))).toHaveLength(2);
      const endings = taken.map((claim) => ({ ...delivery, claim }));
      expect(await look(sql, 'finish', () => oneTrip.finish(endings))).toHaveLength(2);
      throw undo;
    })
    .catch((error) => {
      if (error !== undo) throw error;
    });
  for (const [name, [whole, fetched]] of Object.entries(found)) {
    expect(whole, name).toBe(0);
    // it is counted at all
    expect(fetched, name).toBeGreaterThan(name === 'submit' ? -1 : 0);
    expect(fetched, name).toBeLessThan(MOST_ROWS);
  }
});

/** The statements that read more than a few rows, and how many. */
async function findSlow(without?: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const statement of statements.values()) {
    const rows = rowsRead(await planOf(statement, without));
    if (rows > MOST_ROWS) found[statement.text.replaceAll(/\s+/g, ' ').slice(0, 160)] = rows;
  }
  return found;
}

test('what runs for a task, or in every sweep, reads a few rows however full the tables are', async () => {
  expect(statements.size).toBeGreaterThan(20);
  expect(await findSlow()).toEqual({});
});

/** The most that one step of a plan is done. */
function mostLoops(plan: Plan): number {
  return Math.max(plan['Actual Loops'], ...(plan.Plans ?? []).map(mostLoops));
}

test('a line is read with one look at the turn that is served, however many tasks it has', async () => {
  const read: Statement[] = [];
  const sql: Sql = {
    query(text, values = []) {
      read.push({ text, values });
      return database.query(text, values);
    },
  };
  // one of them was claimed
  expect((await readLine(sql, { consumer_id: 'acme1', workflow_id: 'echo' })).length).toBeGreaterThan(10);
  expect(mostLoops(await planOf(read[0]!))).toBe(1);
});

/** Indexes without which a statement reads much; of the others, another index does nearly as well. */
const indexes = [
  'heurist.task_ended',
  'heurist.task_place',
  'heurist.task_line',
  'heurist.task_overdue',
  'heurist.task_consumer',
  'heurist.task_open_created',
  'heurist.task_retried',
  'heurist.task_served',
  'heurist.task_waiting_created',
  'heurist.task_failed',
  'heurist.artifact_task',
  'heurist.artifact_input',
  'heurist.artifact_stored',
  'heurist.artifact_input_created',
  'heurist.named_file_task',
  'pgboss.job_common_i16',
];
test.each(indexes)('without %s something would read much', async (index) => {
  expect(await findSlow(index)).not.toEqual({});
});
