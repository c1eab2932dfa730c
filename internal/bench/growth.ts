// What calls and statements cost as the tables grow: an empty network beside one with a million waiting tasks and ten million that have
// ended, each with its jobs, on one PostgreSQL; calls take turns. `--waiting 1000000`, `--ended 10000000`, `--rounds 10`, `--calls 20`;
// `--minutes 2`: how long the background work is watched; `--old 120000`: tasks that retention then deletes, beside calls. 0 leaves it out. `--write` puts
// the table of calls into `docs/scaling.md`.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Database, openDatabase } from '@heurist/sequencer';
import { sleep } from '@heurist/server-kit/sleep';
import { writeTable } from '@heurist/test-servers/page-figures';
import { startPostgres } from '@heurist/test-servers/postgres';
import { type Caller, callAll, type Times } from './support/growth/calls.ts';
import { fillTables, lastEnded, OWNER } from './support/growth/fill.ts';
import { ageTasks, watchRetention } from './support/growth/retention.ts';
import { slowerStatements, untilCompared } from './support/growth/statements.ts';
import { startReplicas } from './support/processes.ts';
import { readStatements, STATEMENT_COUNTS, startCounting } from './support/statements.ts';
import { printTable, summarize } from './support/statistics.ts';

/** How many times as long a call may take on full tables. */
const LIMIT = 2;

const { values } = parseArgs({
  options: {
    waiting: { type: 'string', default: '1000000' },
    ended: { type: 'string', default: '10000000' },
    rounds: { type: 'string', default: '10' },
    calls: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '2' },
    old: { type: 'string', default: '120000' },
    write: { type: 'boolean', default: false },
  },
});
const names = ['waiting', 'ended', 'rounds', 'calls', 'minutes', 'old'] as const;
const [waiting, ended, rounds, calls, minutes, old] = names.map((name) => {
  const given = values[name];
  const value = Number(given);
  if (!(value >= 0)) throw new Error(`--${name} must be a number from 0 (got ${given}).`);
  return value;
}) as [number, number, number, number, number, number];

const server = await startPostgres({
  ...STATEMENT_COUNTS,
  'pg_stat_statements.max': '2000',
  shared_buffers: '1GB',
  max_wal_size: '8GB',
});
const folder = mkdtempSync(join(tmpdir(), 'growth-'));

/** A database, with a sequencer that runs on it. */
interface Network {
  name: 'empty' | 'full';
  sql: Database;
  caller: Caller;
  times: Times;
  stop: () => Promise<void>;
}

async function createKey(sql: Database, role: string, owner: string): Promise<string> {
  const secret = randomBytes(32).toString('hex');
  const hash = createHash('sha256').update(secret).digest('hex');
  await sql.query('INSERT INTO heurist.api_key (hash, role, owner) VALUES ($1, $2, $3)', [hash, role, owner]);
  return `${owner}#${secret}`;
}

async function startNetwork(name: Network['name']): Promise<Network> {
  const database = await server.createDatabase();
  const sql = await openDatabase(database);
  const own = join(folder, name);
  const first = await startReplicas(1, database, own);
  const operatorKey = await createKey(sql, 'operator', 'bench');
  const key = await createKey(sql, 'consumer', OWNER);
  const keys = { key, operatorKey };
  // makes the queue
  await callAll({ ...first.targets[0]!, ...keys }, 1, new Map());
  if (name === 'full') {
    await first.stop();
    const start = performance.now();
    await fillTables(sql, { waiting, ended });
    const [size] = await sql.query<{ bytes: string }>(
      'SELECT pg_size_pretty(pg_database_size(current_database())) AS bytes',
    );
    console.log(`filled in ${Math.round((performance.now() - start) / 1000)} s: ${size!.bytes}`);
  }
  const { targets, stop } = name === 'full' ? await startReplicas(1, database, own) : first;
  const caller = { ...targets[0]!, ...keys, ...(name === 'full' && { ended: lastEnded(ended, calls) }) };
  return { name, sql, caller, times: new Map(), stop };
}

const full = await startNetwork('full');
const empty = await startNetwork('empty');
const networks = [empty, full];

// at a start, all open tasks are compared with their jobs, once
for (const { sql } of networks) {
  await startCounting(sql);
  await untilCompared(sql);
}
// the first round fills caches of both
for (const { caller } of networks) await callAll(caller, calls, new Map());
for (const { sql } of networks) await startCounting(sql);
for (let round = 0; round < rounds; round++)
  for (const { caller, times } of round % 2 ? networks.toReversed() : networks) await callAll(caller, calls, times);

/** Prints one line for each call, and returns them. */
function compare(before: Times, after: Times, names: [string, string]): string[][] {
  const rows = [['call', ...names, 'ratio', 'limit']];
  for (const [name, times] of before) {
    const [one, other] = [summarize(times, 2), summarize(after.get(name)!, 2)];
    rows.push([name, one.text, other.text, (other.median / one.median).toFixed(2), `${LIMIT}`]);
  }
  printTable(rows);
  return rows;
}

const size = `${waiting.toLocaleString('en')} waiting, ${ended.toLocaleString('en')} ended`;
const compared = compare(empty.times, full.times, ['empty, ms: median (range)', `${size}, ms`]);
if (values.write) writeTable('scaling.md', 'growth', compared);

const [emptyCalls, fullCalls] = [await readStatements(empty.sql), await readStatements(full.sql)];
console.log('\nStatements of these calls that take twice as long on full tables, ms each:');
printTable([['statement', 'empty', 'full', 'runs'], ...slowerStatements(emptyCalls, fullCalls, LIMIT)]);

if (minutes) {
  for (const { sql } of networks) await startCounting(sql);
  await sleep(minutes * 60_000);
  const [before, after] = [await readStatements(empty.sql), await readStatements(full.sql)];
  const perMinute = (all: typeof before) => [...all.values()].reduce((sum, { ms }) => sum + ms, 0) / minutes;
  console.log(
    `\nBackground work, PostgreSQL ms a minute: empty ${perMinute(before).toFixed(0)}, full ${perMinute(after).toFixed(0)}`,
  );
  console.log('Statements that take more there, ms each:');
  printTable([['statement', 'empty', 'full', 'runs'], ...slowerStatements(before, after, LIMIT)]);
}

if (old) {
  await ageTasks(full.sql, join(folder, 'full'), Math.min(old, ended / 2));
  const beside: Times = new Map();
  const rate = await watchRetention(full.sql, () => callAll(full.caller, 5, beside));
  console.log(
    `\nRetention deletes ${rate.toFixed(0)} tasks a second with a file each (wanted: 1,000), beside these calls:`,
  );
  compare(full.times, beside, ['full, ms: median (range)', 'while it deletes, ms']);
}

for (const { sql, stop } of networks) {
  await sql.close();
  await stop();
}
await server.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
