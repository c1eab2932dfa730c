// How long it takes from a submit until a miner has the task, while a thousand miners long-poll, half of them at another
// replica than the one that takes the submit.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@heurist/test-servers/postgres';
import { startLoad, startReplicas } from './support/processes.ts';
import { printTable } from './support/statistics.ts';

const TASKS = 200;
const PAUSE_MS = 50;

const server = await startPostgres();
const folder = mkdtempSync(join(tmpdir(), 'dispatch-'));
const load = startLoad();
const { targets, stop } = await startReplicas(2, await server.createDatabase(), folder);

/** Milliseconds for each task. */
async function measure(miners: number): Promise<string[]> {
  const times = await load.run({ kind: 'dispatch', targets, miners, tasks: TASKS, pauseMs: PAUSE_MS });
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!.toFixed(1);
  return [`${miners}`, at(0.5), at(0.99), at(1)];
}

const rows = [[`waiting miners, ${TASKS} tasks, 2 replicas`, 'median ms', 'p99 ms', 'most ms']];
for (const miners of [10, 1000]) rows.push(await measure(miners));
printTable(rows);
await load.stop();
await stop();
await server.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
