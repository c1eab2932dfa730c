import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import sharp from 'sharp';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { startCli, startNetwork } from './run-cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'restart-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

test('the whole network is killed in mid-run and started again: the waiting command does not notice', async () => {
  const start = async (port: string) => {
    const network = startNetwork(['data', port], { cwd });
    onTestFinished(() => void network.child.kill('SIGKILL'));
    await network.says('\n');
    return { ...network, ready: JSON.parse(network.output.stdout) };
  };
  const picture = sharp({ create: { width: 130, height: 90, channels: 3, background: { r: 1, g: 2, b: 3 } } });
  writeFileSync(join(cwd, 'middle.png'), await picture.png().toBuffer());
  await prepareDataFolder(join(cwd, 'data'));
  const first = await start('0');
  const { url, apiKey } = first.ready;
  const options = { cwd, env: { HEURIST_WORKFLOW_URL: url, HEURIST_API_KEY: apiKey } };
  const command = startCli(['run', 'upscaler', '--image', 'middle.png', '--out', 'out-killed'], options);
  await expect.poll(() => command.output.stderr, { timeout: 20_000 }).toContain('ImageUpscaleWithModel');
  first.child.kill('SIGKILL');
  await first.ended;

  await start(new URL(url).port);
  const { code, stderr } = await command.ended;
  expect([code, stderr]).toEqual([0, expect.stringContaining('retried after')]);
}, 120_000);
