// What a task costs as the table of finished tasks grows: ten thousand, a hundred thousand, a million.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@heurist/sequencer';
import { startPostgres } from '@heurist/test-servers/postgres';
import { startLoad, startReplicas } from './support/processes.ts';
import { printTable, summarize } from './support/statistics.ts';

const SIZES = [10_000, 100_000, 1_000_000];
const LANES = 32;
const TASKS = 640;
const ROUNDS = 5;

const server = await startPostgres();
const folder = mkdtempSync(join(tmpdir(), 'growth-'));
const load = startLoad();
const database = await server.createDatabase();
const { targets, stop } = await startReplicas(1, database, folder);
const sql = await openDatabase(database);

/** Finished tasks of the last weeks, all of the consumer that keeps submitting. */
async function grow(size: number): Promise<void> {
  const [row] = await sql.query<{ count: number }>('SELECT count(*)::int AS count FROM heurist.task');
  await sql.query(
    `INSERT INTO heurist.task (task_id, consumer_id, job_id, fingerprint, task_type, workflow_id, task_details, status,
       attempt, miner_id, result, created_at, claimed_at, ended_at, has_webhook)
     SELECT gen_random_uuid(), $2, gen_random_uuid()::text, md5(n::text), 'echo', 'echo',
       jsonb_build_object('parameters', jsonb_build_object('text', repeat('x', 200))), 'finished', 1, 'miner' || (n % 1000),
       repeat('x', 200), at, at + interval '1 second', at + interval '9 seconds', false
     FROM generate_series(1, $1) AS n, LATERAL (SELECT now() - n * interval '2 seconds' AS at) AS time`,
    [size - row!.count, targets[0]!.key.split('#')[0]],
  );
  await sql.query('ANALYZE heurist.task');
}

const rows = [['finished tasks in the table', 'tasks a second']];
for (const size of SIZES) {
  await grow(size);
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const [seconds] = await load.run({ kind: 'whole', targets, lanes: LANES, tasks: TASKS });
    // the first warms up
    if (round) rates.push(TASKS / seconds!);
  }
  rows.push([size.toLocaleString('en'), summarize(rates).text]);
}
printTable(rows);
await sql.close();
await load.stop();
await stop();
await server.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
