// The reference's own miner and client, unchanged, on our sequencer. Runs if REFERENCE_MINER is a clone of comfyui-miner-release;
// REFERENCE_MINER_PYTHON is a Python that has its requirements (default: python3).
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { defineWorkflow } from '@heurist/core/definition';
import { startHttpsDetour } from '@heurist/test-servers/https-detour';
import { type SlowComfyui, startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import * as reference from 'heurist-reference';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { type Network, startNetwork } from './support/network.ts';

const clone = process.env.REFERENCE_MINER;
const UPLOAD_HOST = '1ukui6ppcf.execute-api.us-east-1.amazonaws.com';
const address = `0x${'ab'.repeat(20)}`;
const folder = mkdtempSync(join(tmpdir(), 'reference-miner-'));

/** As the reference has it. */
const fluxLora = defineWorkflow({
  workflow_id: '3',
  task_type: 'txt2img',
  title: 'FLUX with a LoRA',
  parameters: z.looseObject({ prompt: z.string(), lora_name: z.string() }),
  graph: { text: { class_type: 'Text', inputs: { text: '' } } },
  bindings: { prompt: 'text.text' },
  files: {},
  outputs: ['text'],
});

let network: Network;
let comfyui: SlowComfyui;
let detour: Awaited<ReturnType<typeof startHttpsDetour>>;
let miner: ChildProcess;
let log = '';

beforeAll(async () => {
  if (!clone) return;
  network = await startNetwork({ workflows: [fluxLora], allowLegacyMiners: true, leaseSeconds: 1 });
  const home = join(folder, 'ComfyUI');
  // four leases long
  comfyui = await startSlowComfyui({ durations: [4000], outputFolder: join(home, 'output') });
  detour = await startHttpsDetour(UPLOAD_HOST, network.url, folder);
  miner = startMiner(clone, home);
});
afterAll(async () => {
  miner?.kill('SIGKILL');
  if (miner) await once(miner, 'close');
  await detour?.stop();
  await comfyui?.stop();
  await network?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts it as its README says, with its settings for this network. */
function startMiner(code: string, home: string): ChildProcess {
  const own = join(folder, 'miner');
  cpSync(code, own, { recursive: true });
  const settings = readFileSync(join(own, 'config.toml'), 'utf8')
    .replace(/^base_url = .*$/m, `base_url = "${network.url}"`)
    .replaceAll(/^((?:docker_)?comfyui_home) = .*$/gm, `$1 = "${home}"`);
  writeFileSync(join(own, 'config.toml'), settings);
  install(join(own, 'example/snapshots/flux-lora.json'), home);
  const env = {
    PATH: process.env.PATH,
    COMFYUI_PORT: new URL(comfyui.url).port,
    ERC20_ADDRESS: address,
    WORKFLOW_NAMES: 'flux-lora',
    HTTPS_PROXY: detour.proxyUrl,
    REQUESTS_CA_BUNDLE: detour.certificate,
    NO_PROXY: '127.0.0.1',
  };
  const child = spawn(process.env.REFERENCE_MINER_PYTHON ?? 'python3', ['comfyui_miner.py'], { cwd: own, env });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      log += data;
    });
  return child;
}

/** It looks for the files of its models and nodes: empty ones will do. */
function install(snapshot: string, home: string): void {
  const { git_custom_nodes, file_custom_nodes, downloads } = JSON.parse(readFileSync(snapshot, 'utf8'));
  for (const url of Object.keys(git_custom_nodes))
    mkdirSync(join(home, 'custom_nodes', url.split('/').at(-1)!.replace('.git', '')), { recursive: true });
  const files = [
    ...file_custom_nodes.map(({ filename }: { filename: string }) => `custom_nodes/${filename}`),
    ...Object.keys(downloads),
  ];
  for (const file of files) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), '');
  }
}

test.skipIf(!clone)(
  'an unchanged comfyui-miner-release finishes a task of an unchanged heurist@0.0.43',
  async () => {
    const client = new reference.Heurist({ apiKey: network.consumer, workflowURL: network.url });
    const task = new reference.FluxLoraTask({ prompt: 'a red fox', lora_name: 'gecko' });
    const result = await client.workflow.executeWorkflowAndWaitForResult(task, 60_000, 1000);
    expect(result, log).toMatchObject({ status: 'finished' });
    const { attempt, outputs } = await network.query(result.task_id);
    expect(attempt).toBe(1);
    expect(outputs).toMatchObject([
      { content_type: 'image/jpeg', filename: `flux-lora-${address}-${result.task_id}.jpg` },
    ]);
    const picture = await fetch(result.result);
    expect([...new Uint8Array(await picture.arrayBuffer()).subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    expect(log).toContain('Result submitted successfully');
  },
  120_000,
);
