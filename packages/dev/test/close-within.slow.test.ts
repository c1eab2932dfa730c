// A network that is closed within a time gives back what takes longer: it runs at the next start.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Heurist } from '@heurist/core';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import { UpscalerTask } from '@heurist/upscaler';
import { definitions } from '@heurist/upscaler/definition';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { startLocalNetwork } from '../src/index.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'close-within-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

test('a long upscale does not hold the end up, and is finished after the next start', async () => {
  await prepareDataFolder(dataDir);
  const start = (port: number) => startLocalNetwork({ workflows: definitions, dataDir, port });
  const first = await start(0);
  expect(first.isBusy()).toBe(false);
  const image_url = await sharp({ create: { width: 200, height: 160, channels: 3, background: '#3a6' } })
    .png()
    .toBuffer();
  const { workflow } = new Heurist({ apiKey: first.apiKey, workflowURL: first.url });
  const task_id = await workflow.executeWorkflow(new UpscalerTask({ image_url }));
  await expect
    .poll(async () => (await workflow.queryTaskResult(task_id)).progress?.percent ?? 0, { timeout: 20_000 })
    .toBeGreaterThan(0);
  expect(first.isBusy()).toBe(true);
  const begun = performance.now();
  const closed = first.close({ withinMs: 500 });
  const isUp = () =>
    fetch(`${first.url}/healthz`).then(
      () => true,
      () => false,
    );
  await expect.poll(isUp, { timeout: 30_000 }).toBe(false);
  expect(performance.now() - begun).toBeLessThan(6000);
  await closed;
  const second = await start(Number(new URL(first.url).port));
  expect(await workflow.task(task_id).wait({ timeout: 90_000 })).toMatchObject({ status: 'finished' });
  await second.close();
}, 150_000);
