// Chains on a real network: as a model with real tasks, and on the page.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { launchBrowser } from '@heurist/test-servers/browser';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeFamilies, families } from '../server/catalogue.ts';
import type { NewTaskRequest, TaskState, UploadedFile } from '../shared/api.ts';
import { type Chain, nextStep, stoppedAt, withPrompt } from '../src/chains/chain.ts';
import { programOf } from '../src/chains/chain-program.ts';
import { type ChainRunner, runChain } from '../src/chains/run-chain.ts';
import { PROGRAMS } from '../src/programs/index.ts';
import { hasEnded } from '../src/task-hooks/task-source.ts';
import { type Studio, startStudio } from './studio.ts';
import { Visitor } from './visitor.ts';

const catalogue = describeFamilies(families);
const browser: Browser | undefined = await launchBrowser();
let studio: Studio;
beforeAll(async () => {
  studio = await startStudio({ tasks: 1000, files: 1000 });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await studio?.close();
});

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(`${studio.url}/api/${path}`, init);
  const body = (await response.json()) as T & { message?: string };
  if (!response.ok) throw new Error(body.message);
  return body;
}

/** What the page does, without a page. */
function runnerOf(saved: Chain[], requests: NewTaskRequest[] = []): ChainRunner {
  return {
    catalogue,
    signal: new AbortController().signal,
    newId: () => crypto.randomUUID(),
    save: (chain) => void saved.push(chain),
    async submit(request) {
      requests.push(request);
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify(request) };
      return (await call<{ task_id: string }>('tasks', init)).task_id;
    },
    // a server that is restarted is asked again, as the page does
    async untilEnded(task_id) {
      const end = expect.poll(() => call<TaskState>(`tasks/${task_id}`).catch(() => undefined), { timeout: 60_000 });
      await end.toSatisfy(hasEnded);
      return await call<TaskState>(`tasks/${task_id}`);
    },
  };
}

async function uploadMask(): Promise<UploadedFile> {
  const white = { width: 64, height: 64, channels: 3, background: '#fff' } as const;
  const half = sharp({ create: { width: 128, height: 128, channels: 3, background: '#000' } });
  const mask = await half
    .composite([{ input: await sharp({ create: white }).png().toBuffer(), left: 32, top: 32 }])
    .png()
    .toBuffer();
  writeFileSync(join(folder, 'mask.png'), mask);
  return await call('files', { method: 'POST', headers: { 'content-type': 'image/png' }, body: new Uint8Array(mask) });
}

// beside the sources, where the packages are found
const folder = mkdtempSync(join(import.meta.dirname, 'program-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('text, image, inpaint, upscale: cut off in the middle it goes on, and its program makes the same picture', async () => {
  const { url } = await uploadMask();
  const chain: Chain = {
    id: 'c',
    name: 'Apple',
    prompt: 'red apple',
    isRunning: false,
    steps: [
      { family: 'text2image', workflow_id: 'tiny', options: {} },
      { family: 'image2image', workflow_id: 'tiny-img2img', options: { prompt: 'green apple' } },
      { family: 'inpaint', workflow_id: 'tiny-inpaint', options: { mask_url: { url, name: 'mask.png' } } },
      { family: 'upscaler', workflow_id: 'upscaler', options: { scale: 2 } },
    ],
  };
  const saved: Chain[] = [];
  const whole = await runChain(chain, runnerOf(saved));
  expect([stoppedAt(whole), nextStep(whole)]).toEqual([undefined, undefined]);
  // as it was when the second step had been submitted: what has ended is not run again, what was submitted is waited for
  const cut = saved.find(({ steps }) => steps[1]?.task_id && !steps[1].end)!;
  const requests: NewTaskRequest[] = [];
  await studio.restartServer();
  const resumed = await runChain(cut, runnerOf([], requests));
  expect(requests.map(({ family }) => family)).toEqual(['inpaint', 'upscaler']);
  expect(resumed.steps.slice(0, 2)).toEqual(whole.steps.slice(0, 2));

  const program = PROGRAMS.typescript.write(programOf(whole, catalogue), studio.network.url);
  expect(program.match(/await heurist\.workflow\.run/g)).toHaveLength(4);
  writeFileSync(join(folder, 'program.ts'), program);
  const env = { ...process.env, HEURIST_API_KEY: studio.network.apiKey };
  const args = ['--conditions=@heurist/source', 'program.ts'];
  await promisify(execFile)(process.execPath, args, { cwd: folder, env, timeout: 60_000 });
  const last = whole.steps.at(-1)!.task_id;
  const made = await (await fetch(`${studio.url}/api/tasks/${last}/outputs/0`)).arrayBuffer();
  expect(readFileSync(join(folder, 'upscaler.png')).equals(Buffer.from(made))).toBe(true);

  const failing = withPrompt(
    { ...whole, steps: [...whole.steps.slice(0, 1), { ...whole.steps[2]!, options: {} }] },
    'cat',
    catalogue,
  );
  const stopped = await runChain(failing, runnerOf([]));
  expect(stoppedAt(stopped)).toEqual({
    index: 1,
    end: { status: 'incomplete', message: 'It needs a mask. Paint it over the picture, then go on.' },
  });
}, 180_000);

describe.skipIf(!browser)('on the page', () => {
  const arrive = async () => {
    const visitor = await Visitor.arrive(browser!);
    await visitor.open(`${studio.url}/chains`);
    return visitor;
  };
  const tasksOf = ({ page }: Visitor) =>
    page.evaluate(() => JSON.parse(localStorage.getItem('heurist.tasks') ?? '[]').length);
  async function checkLooks(visitor: Visitor, name: string) {
    const { page } = visitor;
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const width of [1440, 1280, 390]) {
        await page.setViewportSize({ width, height: 860 });
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
        expect(await visitor.violations()).toEqual([]);
        await visitor.shoot(`${name}-${colorScheme}-${width}`, true);
      }
    }
    await page.setViewportSize({ width: 1280, height: 860 });
  }

  test('an example is one press away; left by a reload it goes on; another prompt runs what depends on it', async () => {
    const visitor = await arrive();
    const { page } = visitor;
    await page.getByText('Begin with an example').waitFor();
    await checkLooks(visitor, 'chains-empty');
    await page.getByRole('button', { name: /^Draw and upscale/ }).press('Enter');
    await page.getByText(/^Step \d of 2 runs: /).waitFor();
    await page.reload();
    await page.getByText('All 2 steps have finished.').waitFor({ timeout: 60_000 });
    expect(await tasksOf(visitor)).toBe(2);
    await visitor.button('Add a step').press('Enter');
    await page.getByRole('menuitem', { name: 'Image to image' }).press('Enter');
    await visitor.button('Go on with step 3').press('Enter');
    await page.getByText('All 3 steps have finished.').waitFor({ timeout: 60_000 });
    expect(await tasksOf(visitor)).toBe(3);
    await checkLooks(visitor, 'chain');
    // what was made stays in sight while the prompt is typed, and counts until it is run
    await visitor.field('Prompt').first().fill('green apple');
    await page.getByText('All 3 steps have finished.').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText(/^Step 1 of 3 runs: /).waitFor();
    await visitor.shoot('chain-running');
    await page.getByText('All 3 steps have finished.').waitFor({ timeout: 60_000 });
    expect(await tasksOf(visitor)).toBe(6);
    await visitor.button('Copy program').press('Enter');
    expect(await page.getByRole('dialog').locator('[data-program]').textContent()).toContain(
      'image_url: step2.image.url',
    );
    expect(await visitor.violations()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'All chains' }).click();
    await page.getByRole('link', { name: /^Draw and upscale 3 steps, finished/ }).waitFor();
    await checkLooks(visitor, 'chains');
    await page.getByRole('link', { name: /^Draw and upscale/ }).click();
    await visitor.button('More actions').press('Enter');
    await page.getByRole('menuitem', { name: 'Remove' }).press('Enter');
    await page.getByText('Begin with an example').waitFor();
    expect(await page.getByText('Your chains').count()).toBe(0);
    await visitor.leave();
    expect(visitor.complaints).toEqual([]);
  }, 180_000);

  test('a step that waits for somebody, or that was stopped, says so, and goes on from there', async () => {
    const visitor = await arrive();
    const { page } = visitor;
    await page.getByRole('button', { name: /^Draw, repaint a part/ }).click();
    await page.getByText('Step 2, Inpaint, waits for you').waitFor({ timeout: 60_000 });
    await page.getByText(/^It needs a mask\. Paint it/).waitFor();
    await checkLooks(visitor, 'chain-waits');
    const canvas = page.getByRole('application', { name: /^Mask/ });
    await canvas.press(' ');
    await page.getByText('Mask saved.').waitFor();
    // what was painted is there again after a reload
    await page.reload();
    const painted = () =>
      canvas.evaluate((element) => (element as HTMLCanvasElement).getContext('2d')!.getImageData(64, 64, 1, 1).data[3]);
    await expect.poll(painted, { timeout: 20_000 }).toBe(255);
    await visitor.button('Go on with step 2').click();
    await page.getByText('Step 3 of 3 runs: Upscale.').waitFor({ timeout: 60_000 });
    await page.keyboard.press('Escape');
    await page.getByText('Step 3, Upscale, was canceled').waitFor();
    await checkLooks(visitor, 'chain-stopped');
    await visitor.button('Go on from here').click();
    await page.getByText('All 3 steps have finished.').waitFor({ timeout: 60_000 });
    expect(await tasksOf(visitor)).toBe(4);
    await visitor.leave();
    expect(visitor.complaints).toEqual([]);
  }, 180_000);
});
