// How long after a task has finished the promise resolves: ours, and heurist@0.0.43 at its default and smallest interval.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Heurist } from '@heurist/core';
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { UpscalerTask } from '@heurist/upscaler';
import { definitions } from '@heurist/upscaler/definition';
import { Heurist as ReferenceHeurist } from 'heurist-reference';
import { UpscalerTask as ReferenceTask } from 'heurist-reference/workflow';
import { printTable, summarize } from './support/statistics.ts';

const ROUNDS = 9;
const folder = mkdtempSync(join(tmpdir(), 'wait-'));
const sequencer = await createSequencer({
  database: await openDatabase(),
  artifacts: createFolderStore(folder),
  workflows: definitions,
  allowLegacyMiners: true,
});
const workflowURL = await sequencer.listen();
const apiKey = await sequencer.createKey('consumer', 'bench');
const image_url = 'https://example.com/picture.png';

async function post(name: string, body: object): Promise<{ task_id: string | null }> {
  const response = await fetch(`${workflowURL}/${name}`, { method: 'POST', body: JSON.stringify(body) });
  return (await response.json()) as { task_id: string | null };
}

/** A miner of its own (one holds few tasks at a time) that needs 1.0 to 4.0 s a task, so that tasks end anywhere between two polls. Records when each task ended. */
const endedAt = new Map<string, number>();
async function mine(erc20_address: string): Promise<void> {
  const { task_id } = await post('miner_request', {
    erc20_address,
    workflow_ids: ['upscaler'],
    wait_seconds: 20,
  });
  if (!task_id) return;
  await new Promise((resolve) => setTimeout(resolve, 1000 + Math.random() * 3000));
  await post('miner_submit', {
    task_id,
    miner_id: erc20_address,
    success: true,
    result: 'https://example.com/out.png',
  });
  endedAt.set(task_id, Date.now());
}

type Wait = () => Promise<{ task_id: string }>;
const ours = new Heurist({ apiKey, workflowURL });
const reference = new ReferenceHeurist({ apiKey, workflowURL });
const task = () => new UpscalerTask({ image_url });
const referenceTask = () => new ReferenceTask({ image_url } as never) as never;
const clients: [string, Wait][] = [
  ['ours, defaults', () => ours.workflow.executeWorkflowAndWaitForResult(task())],
  [
    'heurist@0.0.43, 10 s (default)',
    async () => (await reference.workflow.executeWorkflowAndWaitForResult(referenceTask())) as { task_id: string },
  ],
  [
    'heurist@0.0.43, 1 s (smallest)',
    async () =>
      (await reference.workflow.executeWorkflowAndWaitForResult(referenceTask(), 300_000, 1000)) as { task_id: string },
  ],
];

const delays = await Promise.all(
  clients.map(async ([, wait], index) => {
    const measured: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const mining = mine(`bench-${index}`);
      const { task_id } = await wait();
      const seen = Date.now();
      await mining;
      measured.push(seen - (endedAt.get(task_id) ?? Number.NaN));
    }
    return summarize(measured);
  }),
);
const [first] = delays;
printTable([
  ['client', 'finished -> resolved, ms: median (range)', 'ratio to ours'],
  ...clients.map(([name], index) => [
    name,
    delays[index]!.text,
    (delays[index]!.median / Math.max(1, first!.median)).toFixed(0),
  ]),
]);
await sequencer.close();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
