// The image, built and run by Docker itself. `dockerfile.slow.test.ts` follows the same steps where there is no Docker.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Heurist } from '@heurist/core';
import { createEngine, type Engine } from '@heurist/engine';
import { freePort } from '@heurist/test-servers/free-port';
import { copyWorkingTree } from '@heurist/test-servers/working-tree';
import { Text2ImageTask } from '@heurist/text2image';
import { tinyIconsModels } from '@heurist/tiny-icons';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { docker, whyNoDocker } from '../src/docker.ts';
import { readDockerfile } from '../src/dockerfile.ts';

const root = resolve(import.meta.dirname, '../../..');
const [from] = readDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8'));
const why = await whyNoDocker(from!.text.split(' ')[0]!);
const compose = parse(readFileSync(join(root, 'deploy/compose.yaml'), 'utf8'), { merge: true });

const name = `heurist-test-${process.pid}`;
const [sequencer, miner] = [`${name}-sequencer`, `${name}-miner`];

/** Starts the image as the compose file does, on the network of this machine. */
async function start(container: string, env: Record<string, string>, ...command: string[]): Promise<void> {
  const { read_only, tmpfs, cap_drop, security_opt } = compose['x-heurist'];
  const bounds = [
    ...(read_only ? ['--read-only'] : []),
    ...tmpfs.flatMap((path: string) => ['--tmpfs', path]),
    ...cap_drop.flatMap((each: string) => ['--cap-drop', each]),
    ...security_opt.flatMap((each: string) => ['--security-opt', each]),
  ];
  const settings = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  await docker('run', '--detach', '--network', 'host', '--name', container, ...bounds, ...settings, name, ...command);
}

/** What the process of a container ended with when it was asked to stop. */
async function stop(container: string): Promise<string> {
  await docker('stop', container);
  return docker('inspect', '--format', '{{.State.ExitCode}}', container);
}

describe.skipIf(why)(`Docker ${why}`, () => {
  let folder: string;
  let engine: Engine;
  let port: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'docker-'));
    const source = join(folder, 'source');
    mkdirSync(source);
    await copyWorkingTree(source);
    await docker('build', '--quiet', '--tag', name, source);
    engine = await createEngine({ dataDir: join(folder, 'engine'), models: [tinyIconsModels] });
    port = await freePort();
  }, 900_000);
  afterAll(async () => {
    await engine?.close();
    await docker('rm', '--force', '--volumes', sequencer, miner);
    await docker('image', 'rm', '--force', name);
    rmSync(folder, { recursive: true, force: true });
  });

  test('a sequencer is healthy by the check of the compose file', async () => {
    await start(sequencer, { HEURIST_PORT: `${port}`, HEURIST_HOST: '127.0.0.1' }, 'sequencer');
    const [, ...check] = compose.services['sequencer-1'].healthcheck.test as string[];
    const probe = check.map((part) => part.replace(':8787', `:${port}`));
    await expect.poll(() => docker('exec', sequencer, ...probe).then(() => 'healthy', String)).toBe('healthy');
  });

  test('a miner beside it runs a task', async () => {
    const keys = JSON.parse(await docker('exec', sequencer, 'cat', '/data/credentials.json'));
    const url = `http://127.0.0.1:${port}`;
    const env = { HEURIST_SEQUENCER_URL: url, HEURIST_MINER_KEY: keys.miner, COMFYUI_URL: engine.url };
    await start(miner, env, 'miner');
    const heurist = new Heurist({ workflowURL: url, apiKey: keys.consumer });
    const task = new Text2ImageTask({ workflow_id: 'tiny', prompt: 'a red apple', seed: 7 });
    const { image } = await heurist.workflow.run(task);
    expect((await image.bytes()).subarray(1, 4)).toEqual(Uint8Array.from(Buffer.from('PNG')));
  });

  test('both end by themselves when Docker stops them', async () => {
    expect([await stop(miner), await stop(sequencer)]).toEqual(['0', '0']);
  });
});
