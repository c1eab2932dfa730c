// Whole tasks a second through a sequencer (create, claim, submit, result seen: four HTTP calls) as a ratio to a plain
// pg-boss loop (send, fetch, complete: three calls, no HTTP) on the same PostgreSQL, 32 at a time, in turns.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineWorkflow } from '@heurist/core/definition';
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { startPostgres } from '@heurist/tooling/postgres';
import { PgBoss } from 'pg-boss';
import * as z from 'zod/mini';
import { printTable, summarize } from './statistics.ts';

const LANES = 32;
const TASKS = 640;
const ROUNDS = 5;
const QUEUE = 'work';

const server = await startPostgres();
const folder = mkdtempSync(join(tmpdir(), 'throughput-'));
const boss = new PgBoss(await server.createDatabase());
await boss.start();
await boss.createQueue(QUEUE);

const workflow = defineWorkflow({
  workflow_id: 'echo',
  task_type: 'echo',
  title: 'Echo',
  parameters: z.strictObject({ text: z.string() }),
  graph: { text: { class_type: 'Text', inputs: { text: '' } } },
  bindings: { text: { node: 'text', input: 'text' } },
  files: {},
  outputs: ['text'],
  requirements: { nodes: ['Text'], models: [] },
});
const sequencer = await createSequencer({
  database: await openDatabase(await server.createDatabase()),
  artifacts: createFolderStore(folder),
  workflows: [workflow],
  // their submits carry the result itself: what is measured is the queue, not the storage of files
  allowLegacyMiners: true,
});
const url = await sequencer.listen();
const authorization = `Bearer ${await sequencer.createKey('consumer', 'bench')}`;
const text = 'x'.repeat(200);

async function call(name: string, body: object): Promise<{ task_id: string | null; status: string }> {
  const headers = { 'content-type': 'application/json', authorization };
  const response = await fetch(`${url}/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { task_id: string | null; status: string };
}

async function throughSequencer(miner: string): Promise<void> {
  await call('task_create', { task_type: 'echo', task_details: { parameters: { text } } });
  // somebody else may have been faster with the own one: any will do, there are as many tasks as claims
  const { task_id } = await claim(miner);
  const report = { task_id, miner_id: miner, success: true, result: text };
  await fetch(`${url}/miner_submit`, { method: 'POST', body: JSON.stringify(report) });
  const { status } = await call('task_result_query', { task_id });
  if (status !== 'finished') throw new Error(`task ${task_id} is ${status}`);
}

async function claim(miner: string): Promise<{ task_id: string | null }> {
  const body = JSON.stringify({ erc20_address: miner, workflow_ids: ['echo'], wait_seconds: 10 });
  const response = await fetch(`${url}/miner_request`, { method: 'POST', body });
  return (await response.json()) as { task_id: string | null };
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

/** Tasks a second. */
async function measure(run: (lane: number) => Promise<void>): Promise<number> {
  let left = TASKS;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      while (left-- > 0) await run(lane);
    }),
  );
  return TASKS / ((performance.now() - start) / 1000);
}

const ours: number[] = [];
const theirs: number[] = [];
for (let round = 0; round <= ROUNDS; round++) {
  const [a, b] = [await measure((lane) => throughSequencer(`miner${lane}`)), await measure(throughBoss)];
  // the first warms up
  if (round) ours.push(a);
  if (round) theirs.push(b);
}
const ratios = ours.map((rate, index) => (100 * rate) / theirs[index]!);
printTable([
  [`${LANES} at a time, ${ROUNDS} rounds of ${TASKS}`, 'tasks a second'],
  ['pg-boss, send, fetch and complete', summarize(theirs).text],
  ['sequencer over HTTP, create to result seen', summarize(ours).text],
  ['ratio in percent', summarize(ratios).text],
]);
await sequencer.close();
await boss.stop({ graceful: false });
await server.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
