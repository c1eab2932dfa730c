// What busy miners cost: 10,000 of them, with a task of 60 seconds each, send heartbeats to one sequencer with one PostgreSQL. First
// as our miner does: one call for a process, held, more seldom as a run goes on; then as before, a POST every two seconds for each task.
// Ends and claims of tasks are not part of it: `throughput` measures them.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from '@heurist/sequencer';
import { writeTable } from '@heurist/test-servers/page-figures';
import { startPostgres } from '@heurist/test-servers/postgres';
import type { Beats } from './support/job.ts';
import { startBusyMiners, startReplicas } from './support/processes.ts';
import { readUsage } from './support/sizes/usage.ts';
import { printTable } from './support/statistics.ts';

/** How long a task runs. */
const TASK_SECONDS = 60;
/** Before it is measured, so that all leases have their length. */
const WARM_SECONDS = 12;
/** Tasks in one call. */
const SUBMITTED = 500;

const { values } = parseArgs({
  options: {
    miners: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '30' },
    write: { type: 'boolean', default: false },
  },
});
const [count, seconds] = [Number(values.miners), Number(values.seconds)];
if (!Number.isInteger(count) || count < 1 || !(seconds >= 1))
  throw new Error(`--miners and --seconds must be numbers from 1 (got ${values.miners} and ${values.seconds}).`);

const server = await startPostgres();
const folder = mkdtempSync(join(tmpdir(), 'busy-'));
const database = await server.createDatabase();
const { targets, pids, stop } = await startReplicas(1, database, folder);
const [target] = targets;
const sql = await openDatabase(database);
const miners = startBusyMiners();
const postgres = Number(readFileSync(join(server.dataFolder, 'postmaster.pid'), 'utf8').split('\n')[0]);

/** Keys of as many miners, as an operator would make them. */
async function createKeys(): Promise<string[]> {
  const secrets = Array.from({ length: count }, () => randomBytes(32).toString('hex'));
  const hashes = secrets.map((secret) => createHash('sha256').update(secret).digest('hex'));
  const owners = secrets.map((_, index) => `rig${index}`);
  await sql.query(
    `INSERT INTO heurist.api_key (hash, role, owner) SELECT hash, 'miner', owner FROM unnest($1::text[], $2::text[]) AS row(hash, owner)`,
    [hashes, owners],
  );
  return secrets.map((secret, index) => `${owners[index]}#${secret}`);
}

async function submitTasks(): Promise<void> {
  const task = { task_type: 'echo', task_details: { parameters: { text: 'x'.repeat(200) } } };
  for (let left = count; left > 0; left -= SUBMITTED) {
    const response = await fetch(`${target!.url}/tasks_create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${target!.key}` },
      body: JSON.stringify({ tasks: Array(Math.min(left, SUBMITTED)).fill(task) }),
    });
    if (!response.ok) throw new Error(`tasks_create: ${response.status} ${await response.text()}`);
  }
}

/** Every task begins anew after a minute, each at another moment. */
function renewTasks() {
  const again = `UPDATE heurist.task SET claimed_at = now() WHERE status = 'running' AND claimed_at < now() - $1 * interval '1 second'`;
  const timer = setInterval(() => void sql.query(again, [TASK_SECONDS]), 1000);
  return () => clearInterval(timer);
}

async function countLost(): Promise<number> {
  const query = `SELECT count(*)::int AS lost FROM heurist.task WHERE status <> 'running' OR attempt > 1`;
  const [row] = await sql.query<{ lost: number }>(query);
  return row!.lost;
}

interface Measured extends Beats {
  sequencer: number;
  postgres: number;
  gone: number;
}

async function measure(kind: 'every 2 s' | 'held'): Promise<Measured> {
  await sql.query(
    `UPDATE heurist.task SET claimed_at = now() - random() * $1 * interval '1 second' WHERE status = 'running'`,
    [TASK_SECONDS],
  );
  const lostBefore = await countLost();
  const running = miners.run({ kind, warmSeconds: WARM_SECONDS, seconds });
  await new Promise((resolve) => setTimeout(resolve, WARM_SECONDS * 1000));
  const before = [pids[0]!, postgres].map((pid) => readUsage(pid).cpu);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const after = [pids[0]!, postgres].map((pid) => readUsage(pid).cpu);
  const gone = (await countLost()) - lostBefore;
  const beats = await running;
  const [own = 0, theirs = 0] = after.map((cpu, index) => (cpu - before[index]!) / seconds);
  return { ...beats, sequencer: own, postgres: theirs, gone };
}

console.log(`${count.toLocaleString('en')} busy miners with tasks of ${TASK_SECONDS} s, for ${seconds} s each way`);
const keys = await createKeys();
await submitTasks();
await miners.run({ kind: 'claim', url: target!.url, keys });
// as in a network that is a minute old: until then, statements are planned for empty tables
for (const table of ['heurist.task', 'pgboss.job']) await sql.query(`ANALYZE ${table}`);
const endRenewals = renewTasks();
// first what loses fewer: leases that are lost make work for the rest of the run
const held = await measure('held');
const results = [await measure('every 2 s'), held];
endRenewals();

const percent = (share: number) => `${Math.round(100 * share)} %`;
const rows: [string, (measured: Measured) => string][] = [
  ['heartbeats answered a second', ({ renewed }) => (renewed / seconds).toFixed(0)],
  [
    'answer, median and p99 (longest), ms',
    ({ latency }) => `${latency[0].toFixed(0)} and ${latency[1].toFixed(0)} (${latency[2].toFixed(0)})`,
  ],
  ['not answered, or with an error', ({ failed }) => `${failed}`],
  ['leases lost', ({ lost, gone }) => `${Math.max(lost, gone)}`],
  ['CPU of the sequencer, of one core', ({ sequencer }) => percent(sequencer)],
  ['CPU of PostgreSQL, ended backends included', ({ postgres }) => percent(postgres)],
  ['CPU of the sender, told apart', ({ cpu }) => percent(cpu)],
];
const table = [
  ['', 'a POST every 2 s a task', 'one held call a miner'],
  ...rows.map(([name, show]) => [name, ...results.map(show)]),
];
printTable(table);
if (values.write) {
  const head = [`${count.toLocaleString('en')} miners`, ...table[0]!.slice(1)];
  writeTable('scaling.md', 'busy', [head, ...table.slice(1)]);
}
await miners.stop();
await sql.close();
await stop();
await server.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
