// What an app with Jest installs: the packed tarballs, as CommonJS. Jest comes from the registry.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'jest-'));
const tarballs = ['core', 'test-kit', 'workflows/upscaler'].map((name) =>
  join(root, 'packages', name, '.pack/package.tgz'),
);

const program = `
const { Heurist } = require('@heurist/core');
const { createTestSequencer } = require('@heurist/test-kit');
const { UpscalerTask } = require('@heurist/upscaler');

test('an app is told why a task failed', async () => {
  const sequencer = await createTestSequencer();
  sequencer.on(UpscalerTask).failWith('input_unreachable');
  const run = new Heurist(sequencer.options).workflow.run(new UpscalerTask({ image_url: 'https://example.com/a.png' }));
  await expect(run).rejects.toMatchObject({ code: 'input_unreachable' });
  await sequencer.close();
});
`;

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'an-app', private: true }));
  writeFileSync(join(folder, 'app.test.js'), program);
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  await run('npm', ['install', ...flags, 'jest@30', ...tarballs], { cwd: folder });
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the test kit works under Jest', async () => {
  const jest = join(folder, 'node_modules/jest/bin/jest.js');
  const { stderr } = await run(process.execPath, ['--experimental-vm-modules', jest], { cwd: folder });
  expect(stderr).toContain('1 passed, 1 total');
});
