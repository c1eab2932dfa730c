import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Heurist } from '@heurist/core';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import { Text2ImageTask } from '@heurist/text2image';
import { definitions } from '@heurist/text2image/definition';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalNetwork, startLocalNetwork } from '../src/index.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'unservable-'));
let network: LocalNetwork;
let heurist: Heurist;
beforeAll(async () => {
  await prepareDataFolder(dataDir);
  network = await startLocalNetwork({ workflows: definitions, dataDir, minerHint: (url) => `join ${url}` });
  heurist = new Heurist({ apiKey: network.apiKey, workflowURL: network.url });
});
afterAll(async () => {
  await network.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('what only a GPU can draw is refused at once, until a miner joins that can', async () => {
  const submit = () => heurist.workflow.executeWorkflow(new Text2ImageTask({ prompt: 'x', width: 832, height: 1216 }));
  await expect(submit()).rejects.toMatchObject({
    code: 'unservable',
    message: expect.stringMatching(
      /runs workflow sdxl\. tiny runs here, but not.*`width` must be 128 \(got 832\).*For sdxl, connect a miner.*: join http:\S+$/,
    ),
  });
  await expect(
    heurist.workflow.executeWorkflow(new Text2ImageTask({ workflow_id: 'flux-dev', prompt: 'x' })),
  ).rejects.toMatchObject({ code: 'unservable', message: expect.stringContaining('tiny runs here and takes these') });
  const key = JSON.parse(readFileSync(join(dataDir, 'credentials.json'), 'utf8')).miner;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const body = JSON.stringify({ workflow_ids: ['sdxl'] });
  expect((await fetch(`${network.url}/miner_request`, { method: 'POST', headers, body })).status).toBe(200);
  const task_id = await submit();
  expect(await heurist.workflow.queryTaskResult(task_id)).toMatchObject({ workflow_id: 'sdxl' });
});

test('what the engine can draw runs', async () => {
  const { image } = await heurist.workflow.run(new Text2ImageTask({ prompt: 'red heart', steps: 1 }));
  expect(image.width).toBe(128);
});

test.each([
  [
    'a blue car',
    /draws one thing.*was trained on .*"police car" instead\. For anything else connect a ComfyUI: join http/,
  ],
  ['a lighthouse', /does not know "lighthouse"\. For anything/],
  ['a rocket', undefined],
])('%s: what the model cannot draw is said in one line, and drawn all the same', async (prompt, expected) => {
  const warnings = new Set<string | undefined>();
  const task = new Text2ImageTask({ prompt, steps: 1 });
  const { image } = await heurist.workflow.run(task, { onProgress: ({ warning }) => void warnings.add(warning) });
  expect(image.width).toBe(128);
  const [warning] = [...warnings].filter(Boolean);
  if (expected) expect(warning).toMatch(expected);
  else expect(warning).toBeUndefined();
  expect(warning ?? '').not.toContain('\n');
});
