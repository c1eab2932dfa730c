// Whole tasks through sequencers (create, claim, submit, result seen: four HTTP calls) beside a plain pg-boss loop (send, fetch,
// complete: three calls, no HTTP) on the same PostgreSQL, 32 at a time, in alternating rounds: rates, their ratio, and what a task
// costs. Rates swing with whatever else the machine does; CPU time a task is the steadier figure.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from '@heurist/sequencer';
import { writeTable } from '@heurist/test-servers/page-figures';
import { startPostgres } from '@heurist/test-servers/postgres';
import { PgBoss } from 'pg-boss';
import { startLoad, startReplicas } from './support/processes.ts';
import { readUsage } from './support/sizes/usage.ts';
import { countStatements, STATEMENT_COUNTS, stopCounting } from './support/statements.ts';
import { printTable, summarize } from './support/statistics.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    tasks: { type: 'string', default: '960' },
    replicas: { type: 'string', default: '1,2,4' },
    statements: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const LANES = 32;
const [TASKS, ROUNDS] = [Number(values.tasks), Number(values.rounds)];
const REPLICAS = values.replicas.split(',').map(Number);
if (![TASKS, ROUNDS, ...REPLICAS].every((count) => Number.isInteger(count) && count > 0))
  throw new Error(
    `--rounds, --tasks and --replicas are numbers from 1, such as --replicas 1,2 (got ${JSON.stringify(values)}).`,
  );
const QUEUE = 'work';
const text = 'x'.repeat(200);

const server = await startPostgres(STATEMENT_COUNTS);
const postgres = Number(readFileSync(join(server.dataFolder, 'postmaster.pid'), 'utf8').split('\n')[0]);
const folder = mkdtempSync(join(tmpdir(), 'throughput-'));
const plainDatabase = await server.createDatabase();
const settings = await openDatabase(plainDatabase);
await stopCounting(settings);
await settings.close();
const boss = new PgBoss(plainDatabase);
await boss.start();
await boss.createQueue(QUEUE);
const load = startLoad();

/** What a round took, a task. */
interface Round {
  /** Tasks a second. */
  rate: number;
  /** Milliseconds of CPU: of Node without the sender of the load, and of PostgreSQL, ended backends included. */
  node: number;
  postgres: number;
}

async function throughBoss(): Promise<void> {
  await boss.send(QUEUE, { text });
  for (;;) {
    const [job] = await boss.fetch(QUEUE);
    if (!job) continue;
    await boss.complete(QUEUE, job.id, { text });
    return;
  }
}

/** @returns seconds for all tasks */
async function loopBoss(): Promise<number> {
  let left = TASKS;
  const start = performance.now();
  const lane = async () => {
    while (left-- > 0) await throughBoss();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return (performance.now() - start) / 1000;
}

/** @param pids - of Node */
async function measure(pids: readonly number[], run: () => Promise<number>): Promise<Round> {
  const taken = () => [pids.reduce((sum, pid) => sum + ownCpu(pid), 0), readUsage(postgres).cpu] as const;
  const before = taken();
  const seconds = await run();
  const [node, server] = taken().map((cpu, index) => (1000 * (cpu - before[index]!)) / TASKS);
  return { rate: TASKS / seconds, node: node!, postgres: server! };
}

/** Of this process, without those that it has started. */
function ownCpu(pid: number): number {
  if (pid !== process.pid) return readUsage(pid).cpu;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const median = (rounds: readonly Round[], of: (round: Round) => number, digits = 0) =>
  summarize(rounds.map(of), digits).text;

const head = ['tasks/s', 'ratio to pg-boss, percent', 'CPU ms a task', 'of it Node', 'of it PostgreSQL'];
const rows = [[`${LANES} at a time, ${ROUNDS} rounds of ${TASKS}`, ...head, 'statements a task']];
const alone: Round[] = [];
const lists: string[] = [];
for (const count of REPLICAS) {
  const database = await server.createDatabase();
  const { targets, pids, stop } = await startReplicas(count, database, folder);
  const send = async () => (await load.run({ kind: 'whole', targets, lanes: LANES, tasks: TASKS }))[0]!;
  const [ours, theirs]: [Round[], Round[]] = [[], []];
  const sql = await openDatabase(database);
  for (let round = 0; round <= ROUNDS; round++) {
    // as in a network that is a minute old: until then, statements are planned for empty tables
    if (round === 1) for (const table of ['heurist.task', 'pgboss.job']) await sql.query(`ANALYZE ${table}`);
    const own = await measure(pids, send);
    const plain = await measure([process.pid], loopBoss);
    // the first warms up
    if (round) ours.push(own);
    if (round) theirs.push(plain);
  }
  alone.push(...theirs);
  const { total, list } = await countStatements(sql, send);
  await sql.close();
  lists.push(
    `${count}: ${list.map(({ calls, ms, text }) => `${(calls / TASKS).toFixed(2)}  ${(ms / TASKS).toFixed(3)} ms  ${text}`).join('\n')}`,
  );
  const ratios = ours.map(({ rate }, index) => (100 * rate) / theirs[index]!.rate);
  rows.push([
    `${count} ${count === 1 ? 'replica' : 'replicas'}`,
    median(ours, ({ rate }) => rate),
    summarize(ratios).text,
    median(ours, ({ node, postgres }) => node + postgres, 2),
    median(ours, ({ node }) => node, 2),
    median(ours, ({ postgres }) => postgres, 2),
    (total / TASKS).toFixed(2),
  ]);
  await stop();
}
rows.push([
  'pg-boss alone',
  median(alone, ({ rate }) => rate),
  '100',
  median(alone, ({ node, postgres }) => node + postgres, 2),
  median(alone, ({ node }) => node, 2),
  median(alone, ({ postgres }) => postgres, 2),
  '3.00',
]);
printTable(rows);
if (values.write) writeTable('scaling.md', 'throughput', rows);
if (values.statements) console.log(lists.join('\n'));
await load.stop();
// its connections end with the server
boss.on('error', () => {});
await boss.stop({ graceful: false });
await server.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
