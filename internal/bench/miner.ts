// How long a ComfyUI is idle between two tasks of about two seconds, with and without a task claimed ahead. The
// reference miner looks for work every two seconds. The times are ComfyUI's own: it writes when a prompt begins and ends into its
// history. On the engine, or on a real ComfyUI: COMFYUI_URL=http://127.0.0.1:8188 npm run bench -- miner.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineWorkflow } from '@heurist/core/definition';
import { createEngine } from '@heurist/engine';
import { createMiner } from '@heurist/miner';
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { createEnlarge } from '@heurist/test-servers/workflows';
import { printTable, summarize } from './support/statistics.ts';

const TASKS = 16;

const enlarge = createEnlarge(448, 336);

/** Two seconds of work that a real ComfyUI can do without a model. */
const stretch = defineWorkflow({
  ...enlarge,
  bindings: { color: 'empty.color' },
  graph: {
    empty: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
    large: { class_type: 'ImageScale', inputs: { image: ['empty', 0], ...scaleTo(6400, 'lanczos') } },
    small: { class_type: 'ImageScale', inputs: { image: ['large', 0], ...scaleTo(64, 'area') } },
    save: { class_type: 'SaveImage', inputs: { images: ['small', 0], filename_prefix: 'x' } },
  },
  requirements: {},
});

function scaleTo(side: number, upscale_method: string) {
  return { upscale_method, width: side, height: side, crop: 'disabled' };
}

const { COMFYUI_URL } = process.env;
const workflow = COMFYUI_URL ? stretch : enlarge;
const folder = mkdtempSync(join(tmpdir(), 'miner-'));
const sequencer = await createSequencer({
  database: await openDatabase(),
  artifacts: createFolderStore(join(folder, 'artifacts')),
  workflows: [workflow],
});
const url = await sequencer.listen();
const key = await sequencer.createKey('miner', 'rig');
const authorization = `Bearer ${await sequencer.createKey('consumer', 'bench')}`;
let color = 0;

async function call(name: string, body: object): Promise<{ task_id: string; status: string }> {
  const headers = { 'content-type': 'application/json', authorization };
  const response = await fetch(`${url}/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await response.json()) as { task_id: string; status: string };
}

/** The begin and end of each prompt, in milliseconds. */
async function measure(prefetch: number): Promise<{ starts: number[]; ends: number[] }> {
  const engine = COMFYUI_URL ? undefined : await createEngine({ dataDir: join(folder, `engine${prefetch}`) });
  const comfyui = engine?.url ?? COMFYUI_URL ?? '';
  const ids: string[] = [];
  for (let count = 0; count < TASKS; count++) {
    const details = { parameters: { color: color++ } };
    ids.push((await call('task_create', { task_type: 'enlarge', task_details: details })).task_id);
  }
  const miner = createMiner({ sequencer: url, key, comfyui, workflows: [workflow], prefetch });
  await miner.start();
  for (const task_id of ids)
    while ((await call('task_result_query', { task_id })).status !== 'finished')
      await new Promise((resolve) => setTimeout(resolve, 200));
  const history = (await (await fetch(new URL(`history?max_items=${TASKS}`, comfyui))).json()) as Record<
    string,
    { status: { messages: [string, { timestamp: number }][] } }
  >;
  await miner.stop();
  await engine?.close();
  const times = (type: string) =>
    Object.values(history)
      .map(({ status }) => status.messages.find(([name]) => name === type)?.[1].timestamp ?? Number.NaN)
      .toSorted((a, b) => a - b)
      // the first one loads the model
      .slice(1);
  return { starts: times('execution_start'), ends: times('execution_success') };
}

const rows = [[`gap between graphs, ${TASKS} tasks`, 'ms', 'busy, percent', 'a graph takes, ms']];
for (const prefetch of [1, 0]) {
  const { starts, ends } = await measure(prefetch);
  const gaps = starts.slice(1).map((start, index) => start - ends[index]!);
  const runs = starts.map((start, index) => ends[index]! - start);
  const busy = (100 * runs.reduce((a, b) => a + b)) / (ends.at(-1)! - starts[0]!);
  rows.push([`prefetch ${prefetch}`, summarize(gaps).text, busy.toFixed(1), summarize(runs).text]);
}
printTable(rows);
await sequencer.close();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
