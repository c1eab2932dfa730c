// `heurist dev --workflow` while its package is edited, as a process.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Heurist, WorkflowTask } from '@heurist/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli, startDev } from './run-cli.ts';

const out = join(import.meta.dirname, '../out');
mkdirSync(out, { recursive: true });
const cwd = mkdtempSync(join(out, 'reload-'));
let dev: ReturnType<typeof startDev>;
let heurist: Heurist;

class FlatTask extends WorkflowTask {
  readonly task_type = 'flat';
  readonly task_details = { parameters: {} };
}

const graph = {
  a: { class_type: 'EmptyImage', inputs: { width: 96, height: 64, batch_size: 1, color: 255 } },
  b: { class_type: 'SaveImage', inputs: { images: ['a', 0], filename_prefix: 'flat' } },
};

beforeAll(async () => {
  writeFileSync(join(cwd, 'graph.json'), JSON.stringify(graph));
  await runCli(['workflow', 'create', 'graph.json', '--name', 'flat'], { cwd });
  dev = startDev(['--workflow', './flat', '--port', '0', '--data-dir', 'data'], { cwd });
  await dev.says('Saved changes are loaded at once');
  const [, workflowURL = '', apiKey = ''] = /URL=(\S+)\nHEURIST_API_KEY="([^"]+)"/.exec(dev.output.stdout)!;
  heurist = new Heurist({ workflowURL, apiKey });
}, 60_000);
afterAll(async () => {
  dev.child.kill('SIGTERM');
  expect((await dev.ended).code).toBe(0);
  rmSync(cwd, { recursive: true, force: true });
});

const path = (name: string) => join(cwd, 'flat/src', name);
const edit = (name: string, from: string | RegExp, to: string) =>
  writeFileSync(path(name), readFileSync(path(name), 'utf8').replace(from, to));

/** Edits, and waits for what is said about it. */
async function said(text: string, change: () => void): Promise<string> {
  const before = dev.output.stderr.length;
  change();
  const since = () => dev.output.stderr.slice(before);
  while (!since().includes(text)) await new Promise((next) => setTimeout(next, 20));
  return since();
}
const widthNow = async () => (await heurist.workflow.run(new FlatTask())).outputs[0]?.width;

test('new tasks run the new graph; a broken edit is told and changes nothing', async () => {
  expect(await widthNow()).toBe(96);
  await said('Reloaded: flat runs here.', () => edit('flat.api.json', '"width": 96', '"width": 80'));
  expect(await widthNow()).toBe(80);
  const broken = await said('The last version that worked stays.', () =>
    edit('definition.ts', 'bindings:', 'bindings'),
  );
  expect(broken).toMatch(/Workflow package ".\/flat" cannot be loaded \(\/.*flat\/src\/definition\.ts:\d+: Expected/);
  expect(await widthNow()).toBe(80);
  await said('Reloaded', () => {
    edit('definition.ts', 'bindings', 'bindings:');
    edit('flat.api.json', '"width": 80', '"width": 72');
  });
  expect(await widthNow()).toBe(72);
  await said('flat needs a miner connected to a ComfyUI: the CPU engine lacks', () =>
    edit('flat.api.json', '"EmptyImage"', '"SamplerCustom"'),
  );
}, 60_000);
