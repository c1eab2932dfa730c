import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Heurist } from '@heurist/core';
import { environmentOf, readDockerfile } from '@heurist/deploy/dockerfile';
import { parseUnit, parseVariables } from '@heurist/deploy/unit';
import type { App } from '@heurist/release/app';
import { createFolderStore, createSequencer, openDatabase, type Sequencer } from '@heurist/sequencer';
import { freePort } from '@heurist/test-servers/free-port';
import { Text2ImageTask } from '@heurist/text2image';
import { definitions } from '@heurist/text2image/definition';
import { expect } from 'vitest';
import { runTo } from './program.ts';
import type { Stage } from './stage.ts';

const HOME = '/opt/heurist-miner';

export async function tryGpuMiner(stage: Stage): Promise<void> {
  const app = await stage.install('gpu-miner');
  app.set({ COMFYUI_URL: stage.comfyuiUrl });
  expect(await app.line('npm run check')).toContain('tiny');
  const folder = mkdtempSync(join(app.folder, 'network-'));
  const sequencer = await createSequencer({
    database: await openDatabase(),
    artifacts: createFolderStore(folder),
    workflows: definitions,
  });
  const url = await sequencer.listen({ port: 0 });
  app.write('miner.key', await sequencer.createKey('miner', 'rented'));
  app.write(
    'miner.env',
    app
      .read('miner.env')
      .replace('https://tasks.example.com', url)
      .replace(/http:\S+8188/, stage.comfyuiUrl),
  );
  try {
    await expectUnit(app, sequencer, url);
    await expectImage(app, sequencer, url);
    await expectSentence(app, url);
  } finally {
    await sequencer.close();
  }
}

/** Nobody else runs tasks of this network. */
async function expectPicture(sequencer: Sequencer, workflowURL: string): Promise<void> {
  const apiKey = await sequencer.createKey('consumer', 'app');
  const task = new Text2ImageTask({ workflow_id: 'tiny', prompt: 'a green apple' });
  const { image } = await new Heurist({ workflowURL, apiKey }).workflow.run(task, { timeout: 60_000 });
  expect(image.width).toBe(128);
}

/** The unit is one that systemd takes, and its command runs tasks. */
async function expectUnit(app: App, sequencer: Sequencer, url: string): Promise<void> {
  const text = app.read('heurist-miner.service').replaceAll(HOME, app.folder);
  await verifyUnit(app, text);
  const unit = parseUnit(text);
  const credentials = join(app.folder, 'credentials');
  mkdirSync(credentials);
  writeFileSync(join(credentials, 'key'), app.read('miner.key'));
  const own = (unit.get('Environment') ?? []).map((line) =>
    line.replace('%d', credentials).replace('/var/lib', app.folder),
  );
  app.set({ ...parseVariables(own), ...fileVariables(app), HEURIST_STATUS_PORT: `${await freePort()}` });
  await withMiner(app, unit.get('ExecStart')![0]!, () => expectPicture(sequencer, url));
}

async function verifyUnit(app: App, text: string): Promise<void> {
  if (!existsSync('/usr/bin/systemd-analyze')) return;
  mkdirSync(join(app.folder, 'checked'));
  app.write('checked/heurist-miner.service', text);
  const { stdout, stderr } = await promisify(execFile)('systemd-analyze', [
    'verify',
    join(app.folder, 'checked/heurist-miner.service'),
  ]);
  expect(stdout + stderr).not.toContain('heurist-miner');
}

/** What the Dockerfile does, with the folder in place of `/app`; what it starts runs tasks. */
async function expectImage(app: App, sequencer: Sequencer, url: string): Promise<void> {
  const instructions = readDockerfile(app.read('Dockerfile'));
  const here = (path: string) =>
    path.replaceAll(/\/(app|data)\b/g, (_, name) => (name === 'app' ? app.folder : join(app.folder, 'data')));
  const [install = ''] = instructions.filter(({ name }) => name === 'RUN').map(({ text }) => text);
  await app.line(install);
  const variables = Object.entries(environmentOf(instructions, 0)).map(([name, value]) => [name, here(value)]);
  const { text = '[]' } = instructions.find(({ name }) => name === 'ENTRYPOINT') ?? {};
  const status = { HEURIST_STATUS_PORT: `${await freePort()}`, HEURIST_MINER_KEY_FILE: join(app.folder, 'miner.key') };
  app.set({ ...Object.fromEntries(variables), ...fileVariables(app), ...status });
  await withMiner(app, (JSON.parse(text) as string[]).map(here).join(' '), () => expectPicture(sequencer, url));
}

/** As the service and the container read them. */
const fileVariables = (app: App) => parseVariables(app.read('miner.env').split('\n'));

async function withMiner(app: App, line: string, use: () => Promise<void>): Promise<void> {
  const [command = '', ...args] = line.split(' ');
  const miner = await app.begin('tiny', command, ...args);
  try {
    await use();
  } finally {
    await miner.stop();
  }
}

/** A wrong key is said in one line. */
async function expectSentence(app: App, url: string): Promise<void> {
  app.write('miner.key', 'nobody#wrong');
  const { code, stderr } = await runTo(app, `npx heurist miner --sequencer ${url}`);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^error: .*key.*\n$/m) });
  expect(stderr).not.toMatch(/\n\s+at /);
}
