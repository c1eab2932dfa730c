// Whole tasks a second through sequencers (create, claim, submit, result seen: four HTTP calls) as a ratio to a plain
// pg-boss loop (send, fetch, complete: three calls, no HTTP) on the same PostgreSQL, 32 at a time, in alternating rounds.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@heurist/test-servers/postgres';
import { PgBoss } from 'pg-boss';
import { startLoad, startReplicas } from './support/processes.ts';
import { printTable, summarize } from './support/statistics.ts';

const LANES = 32;
const TASKS = 960;
const ROUNDS = 5;
const REPLICAS = [1, 2, 4];
const QUEUE = 'work';
const text = 'x'.repeat(200);

const server = await startPostgres();
const folder = mkdtempSync(join(tmpdir(), 'throughput-'));
const boss = new PgBoss(await server.createDatabase());
await boss.start();
await boss.createQueue(QUEUE);
const load = startLoad();

async function throughBoss(): Promise<void> {
  await boss.send(QUEUE, { text });
  for (;;) {
    const [job] = await boss.fetch(QUEUE);
    if (!job) continue;
    await boss.complete(QUEUE, job.id, { text });
    return;
  }
}

/** Tasks a second. */
async function measureBoss(): Promise<number> {
  let left = TASKS;
  const start = performance.now();
  const lane = async () => {
    while (left-- > 0) await throughBoss();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return TASKS / ((performance.now() - start) / 1000);
}

const rows = [
  [
    `${LANES} at a time, ${ROUNDS} rounds of ${TASKS}`,
    'sequencers, tasks/s',
    'pg-boss alone, tasks/s',
    'ratio in percent',
  ],
];
for (const count of REPLICAS) {
  const { targets, stop } = await startReplicas(count, await server.createDatabase(), folder);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const [seconds] = await load.run({ kind: 'whole', targets, lanes: LANES, tasks: TASKS });
    const rate = await measureBoss();
    // the first warms up
    if (round) ours.push(TASKS / seconds!);
    if (round) theirs.push(rate);
  }
  const ratios = ours.map((rate, index) => (100 * rate) / theirs[index]!);
  rows.push([
    `${count} ${count === 1 ? 'replica' : 'replicas'}`,
    ...[ours, theirs, ratios].map((all) => summarize(all).text),
  ]);
  await stop();
}
printTable(rows);
await load.stop();
await boss.stop({ graceful: false });
await server.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
