// The demo as a visitor uses it: a real browser, the real page and server, the real local network.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser } from './launch-browser.ts';
import { type Studio, startStudio } from './studio.ts';

const shots = resolve(import.meta.dirname, '../../../out/demo');
const browser: Browser | undefined = await launchBrowser();

let studio: Studio;
let context: BrowserContext;
let page: Page;
/** What the page itself complained of. */
let complaints: string[];

beforeAll(async () => {
  if (!browser) return;
  mkdirSync(shots, { recursive: true });
  studio = await startStudio({ tasksPerMinute: 1000, filesPerMinute: 1000 });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await studio?.close();
});
beforeEach(async () => {
  if (!browser) return;
  context = await browser.newContext({ viewport: { width: 1280, height: 860 }, acceptDownloads: true });
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  complaints = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  await page.goto(studio.url);
});
afterEach(async () => {
  await context?.close();
  expect(complaints ?? []).toEqual([]);
});

const field = (name: string) => page.getByRole('textbox', { name, exact: true });
const button = (name: string, within: Page | Locator = page) => within.getByRole('button', { name, exact: true });
const newest = () => page.getByRole('article').first();
const until = (text: string, timeout = 30_000) => newest().getByText(text, { exact: true }).waitFor({ timeout });
const go = (name: string) =>
  page
    .getByRole('navigation')
    .getByRole('link', { name: new RegExp(`^${name}`) })
    .click();

/** Noise and a gradient: something for a network to work at. */
const picture = (width: number, height = width) =>
  sharp({
    create: { width, height, channels: 3, background: '#3a6', noise: { type: 'gaussian', mean: 128, sigma: 20 } },
  })
    .png()
    .toBuffer();

async function draw(prompt: string) {
  await field('Prompt').fill(prompt);
  await button('Make').click();
}

async function upload(name: string, buffer: Buffer, mimeType = 'image/png') {
  await page.locator('input[type=file]').first().setInputFiles({ name, mimeType, buffer });
}

/** Begins an upscale that takes a while. */
async function beginUpscale(side = 160) {
  await go('Upscale a picture');
  await upload('noise.png', await picture(side));
  await page.getByAltText('noise.png').waitFor();
  await button('Make').click();
}

async function download(within: Locator): Promise<Buffer> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    within.getByRole('link', { name: 'Download' }).click(),
  ]);
  return readFileSync(await file.path());
}

/** What an automatic check finds wrong for people who see, hear or move otherwise. */
async function violations() {
  // the page's own rules would refuse an inline script; this is evaluated by the browser's tools instead
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => html.slice(0, 200) + failureSummary).join(' | ')}`,
    );
  });
  return found;
}

describe.skipIf(!browser)('the page', () => {
  test('a picture from the prompt to the upscaled download, and nowhere the key', async () => {
    const bodies: string[] = [];
    page.on('response', async (response) => void bodies.push(await response.text().catch(() => '')));
    await draw('red apple');
    await until('finished');
    await page.screenshot({ path: join(shots, 'make.png') });
    await button('Upscale', newest()).click();
    await page.getByRole('heading', { name: 'Upscale a picture' }).waitFor();
    await button('Make').click();
    await until('finished', 60_000);
    const { width, height, format } = await sharp(await download(newest())).metadata();
    expect({ width, height, format }).toEqual({ width: 512, height: 512, format: 'png' });
    await page.goto(`${studio.url}/network`);
    await page.getByText('Recent failures').waitFor();
    const key = studio.network.apiKey.split('#')[1]!;
    expect(bodies.length).toBeGreaterThan(10);
    expect(bodies.filter((body) => body.includes(key))).toEqual([]);
  });

  test('the program on the page makes the same picture again', async () => {
    await draw('green apple');
    await until('finished');
    await button('Upscale', newest()).click();
    await page.getByRole('combobox', { name: 'Scale' }).selectOption('2');
    await button('Make').click();
    await until('finished', 60_000);
    const made = await download(newest());
    await newest().getByRole('link', { name: /^Open/ }).click();
    const program = await page.locator('[data-program]').textContent();
    expect(program).toMatch(/seed: \d+.*image_url: first\.image\.url,\s+scale: 2/s);
    // beside the sources, where the packages are found
    const folder = mkdtempSync(join(import.meta.dirname, 'program-'));
    try {
      writeFileSync(join(folder, 'program.ts'), program!);
      const { url, apiKey } = studio.network;
      const env = { ...process.env, HEURIST_WORKFLOW_URL: url, HEURIST_API_KEY: apiKey };
      const args = ['--conditions=@heurist/source', 'program.ts'];
      await promisify(execFile)(process.execPath, args, { cwd: folder, env, timeout: 60_000 });
      expect(readFileSync(join(folder, 'upscaler.png')).equals(made)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('before and after, moved by keyboard; the link shows the same in another browser', async () => {
    await draw('yellow star');
    await until('finished');
    await button('Edit', newest()).click();
    await button('Make').click();
    await until('finished');
    await newest().getByRole('link', { name: /^Open/ }).click();
    const border = page.getByRole('slider', { name: 'Border between before and after' });
    await border.press('ArrowRight');
    expect(await border.inputValue()).toBe('51');
    await page.screenshot({ path: join(shots, 'task.png'), fullPage: true });
    expect(await violations()).toEqual([]);
    const other = await browser!.newContext();
    const visitor = await other.newPage();
    await visitor.goto(page.url());
    await visitor.getByRole('heading', { name: 'yellow star' }).waitFor();
    await visitor.getByRole('img', { name: 'yellow star' }).waitFor();
    await visitor.getByText('tiny-img2img', { exact: true }).waitFor();
    await other.close();
  });

  test('again with these: the same seed, the same picture', async () => {
    await draw('blue car');
    await until('finished');
    const first = await download(newest());
    await button('Again with these', newest()).click();
    await expect.poll(() => page.getByRole('textbox', { name: 'Seed' }).inputValue()).toMatch(/^\d+$/);
    await button('Make').click();
    await expect.poll(() => page.getByRole('article').count()).toBe(2);
    await until('finished');
    expect((await download(newest())).equals(first)).toBe(true);
  });

  test('cancel while it runs', async () => {
    await beginUpscale();
    await until('running');
    await button('Cancel', newest()).click();
    await until('canceled', 5000);
    await go('Picture from words');
    await draw('cat face');
    await until('finished');
  });

  test('a reload in mid-run, and a restart of the server, lose nothing', async () => {
    await beginUpscale();
    await until('running');
    await page.reload();
    await until('running');
    await expect.poll(() => newest().getByText(/% · /).textContent()).toMatch(/so far/);
    await studio.restartServer();
    await until('finished', 60_000);
    await newest()
      .getByRole('img')
      .or(newest().getByRole('link', { name: /^Open/ }))
      .first()
      .waitFor();
  });

  test('several at once, each with its place, progress and preview', async () => {
    await beginUpscale(200);
    await until('running');
    await go('Picture from words');
    for (const prompt of ['panda', 'fox', 'owl']) {
      await draw(prompt);
      await page.getByRole('article', { name: prompt }).waitFor();
    }
    await page
      .getByText(/before this one/)
      .first()
      .waitFor();
    await page.getByAltText('So far').first().waitFor();
    await page.screenshot({ path: join(shots, 'several.png') });
    await expect.poll(() => page.getByText('finished', { exact: true }).count(), { timeout: 60_000 }).toBe(4);
  });

  test('a task that fails says why', async () => {
    await go('Upscale a picture');
    await upload('cut.png', (await picture(64)).subarray(0, 400));
    await button('Make').click();
    await until('failed');
    await newest()
      .getByText(/cut|truncated|premature|corrupt|picture|image|end of/i)
      .first()
      .waitFor();
    await go('Network');
    await page.getByRole('region', { name: 'Recent failures' }).getByText('upscaler').waitFor();
  });

  test('an upload that is no picture is refused in words, and the form goes on', async () => {
    await go('Upscale a picture');
    await upload('notes.txt', Buffer.from('just words'), 'text/plain');
    await page.getByText('This is no picture.').waitFor();
    await button('Make').click();
    await page
      .getByText(/Picture is needed|This is no picture/)
      .first()
      .waitFor();
    await upload('noise.png', await picture(24));
    await page.getByAltText('noise.png').waitFor();
    await button('Make').click();
    await until('finished');
  });

  test('a picture can be dropped, or pasted', async () => {
    await go('Upscale a picture');
    const bytes = [...(await picture(16))];
    const transfer = await page.evaluateHandle((content) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(content)], 'dropped.png', { type: 'image/png' }));
      return data;
    }, bytes);
    await page.locator('.drop').dispatchEvent('drop', { dataTransfer: transfer });
    await page.getByAltText('dropped.png').waitFor();
    await button('Remove').click();
    await page.getByAltText('dropped.png').waitFor({ state: 'hidden' });
    await page.evaluate((clipboardData) => {
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, transfer);
    await page.getByAltText('dropped.png').waitFor();
  });

  test('a mask is painted, and only what it covers is repainted', async () => {
    await go('Repaint a part');
    await upload(
      'white.png',
      await sharp({ create: { width: 128, height: 128, channels: 3, background: '#fff' } })
        .png()
        .toBuffer(),
    );
    const canvas = page.getByRole('application', { name: /^Mask/ });
    await canvas.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await canvas.boundingBox())!;
    await page.mouse.move(x + width * 0.3, y + height * 0.7);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.7, y + height * 0.7, { steps: 5 });
    await page.mouse.up();
    await page.getByText('The mask is stored.').waitFor();
    // and by keyboard: from the middle downwards
    await canvas.press('ArrowDown');
    await canvas.press(' ');
    await page.getByText('The mask is stored.').waitFor();
    await page.screenshot({ path: join(shots, 'mask.png') });
    expect(await violations()).toEqual([]);
    await field('Prompt').fill('red heart');
    await button('Make').click();
    await until('finished');
    const { data, info } = await sharp(await download(newest()))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const darkest = (top: number) => Math.min(...data.subarray(top * info.width * 3, (top + 8) * info.width * 3));
    expect(darkest(0)).toBeGreaterThan(235);
    expect(darkest(84)).toBeLessThan(200);
  });

  test('what the network cannot run is shown with the reason', async () => {
    await page.getByRole('combobox', { name: 'Model' }).selectOption('sdxl');
    await page.getByText(/Missing: model file.*sd_xl_base/).waitFor();
    expect(await button('Make').isDisabled()).toBe(true);
    await page.getByRole('group', { name: 'Shape' }).getByRole('button', { name: '16:9' }).click();
    expect(await page.getByRole('slider', { name: 'Width' }).getAttribute('aria-valuetext')).toBe('1368 px');
    await go('Video from words');
    await page.getByText('Not on this network now', { exact: true }).waitFor();
    await page.screenshot({ path: join(shots, 'unavailable.png') });
    expect(await violations()).toEqual([]);
  });

  test('the network goes and comes back: the page says so in words, and goes on by itself', async () => {
    await draw('tulip');
    await until('finished');
    await studio.stopNetwork();
    await page.getByText(/The network does not answer/).waitFor();
    await page.screenshot({ path: join(shots, 'network-down.png') });
    await draw('rose');
    await studio.startNetwork();
    await page.getByText(/The network does not answer. It is tried/).waitFor({ state: 'hidden' });
    // what was pressed meanwhile is tried again for a while; then the form says so, and keeps what was written
    const rose = page.getByRole('article', { name: 'rose' });
    await rose.or(page.getByText('That did not work')).waitFor({ timeout: 30_000 });
    if (!(await rose.isVisible())) await button('Make').click();
    await rose.getByText('finished').waitFor();
    expect(await rose.count()).toBe(1);
  });

  test('by keyboard alone', async () => {
    await page.keyboard.press('Tab');
    for (let presses = 0; presses < 40; presses++) {
      if (await field('Prompt').evaluate((element) => element === document.activeElement)) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.type('ghost');
    for (let presses = 0; presses < 40; presses++) {
      if (await button('Make').evaluate((element) => element === document.activeElement)) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await until('finished');
  });

  test('a form without what it needs says so, and leads there', async () => {
    await button('Make').click();
    await page.getByText('Prompt is needed.').waitFor();
    expect(await field('Prompt').evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await page.getByRole('article').count()).toBe(0);
  });

  test.each(['light', 'dark'] as const)(
    'every page is accessible, and fits a phone: %s',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await draw('robot');
      await until('finished');
      await newest().getByRole('link', { name: 'robot', exact: true }).click();
      await page.locator('[data-program]').waitFor();
      const task = new URL(page.url()).pathname;
      for (const path of [
        '/make/text2image',
        '/make/upscaler',
        '/make/text2audio',
        '/gallery',
        '/network',
        task,
        '/nowhere',
      ]) {
        await page.setViewportSize({ width: 1280, height: 860 });
        await page.goto(studio.url + path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('networkidle').catch(() => {});
        expect([path, await violations()]).toEqual([path, []]);
        const name = `${path.split('/')[1]}-${path.split('/')[2]?.slice(0, 12) ?? ''}`.replace(/-$/, '');
        await page.screenshot({ path: join(shots, `${name.startsWith('tasks') ? 'tasks' : name}-${colorScheme}.png`) });
        await page.setViewportSize({ width: 360, height: 740 });
        const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect([path, overhang]).toEqual([path, 0]);
        expect([path, await violations()]).toEqual([path, []]);
        await page.screenshot({
          path: join(shots, `${name.startsWith('tasks') ? 'tasks' : name}-${colorScheme}-phone.png`),
        });
      }
    },
    120_000,
  );

  test('the first load is at most 150 kB of script, gzipped', async () => {
    const scripts = new Set<string>();
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.endsWith('.js')) scripts.add(basename(pathname));
    });
    await page.reload();
    await button('Make').waitFor();
    const assets = readdirSync(join(studio.webDir, 'assets')).filter((name) => scripts.has(name));
    const bytes = assets.reduce(
      (sum, name) => sum + gzipSync(readFileSync(join(studio.webDir, 'assets', name))).length,
      0,
    );
    expect(assets.length).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThanOrEqual(150_000);
  });
});
