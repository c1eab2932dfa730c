// The demo as a visitor uses it: a real browser, the real page and server, the real local network.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { launchBrowser } from '@heurist/test-servers/browser';
import type { Browser, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Studio, startStudio } from './studio.ts';
import { noise, titleOf, Visitor } from './visitor.ts';

const browser: Browser | undefined = await launchBrowser();
let studio: Studio;
beforeAll(async () => {
  if (browser) studio = await startStudio({ tasks: 1000, files: 1000, networkFreshMs: 0, networkTimeoutMs: 500 });
  // the first call loads the client's code, which takes longer than that limit on a busy machine
  if (browser) while (!(await fetch(`${studio.url}/api/network`)).ok);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await studio?.close();
});

/** How often the page polls. */
const POLL_MS = 5000;
/** When the page asks again for events that it was refused. */
const RECONNECT_MS = 3000;

/** Looks again and again. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 30_000 });

/** Looks again and again, while time flies on the page. */
function pollAfter<T>(page: Page, ms: number, look: () => T | Promise<T>) {
  const lookLater = async () => {
    await page.clock.fastForward(ms);
    return await look();
  };
  return eventually(lookLater);
}

/** Calls the page's server, as the page does. */
async function call(path: string, body: object): Promise<{ task_id: string }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${studio.url}/api/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await response.json()) as { task_id: string };
}

/** A test of the page by a visitor who has just opened it. */
function visit(name: string, run: (visitor: Visitor, page: Page) => Promise<void>, path = '/'): void {
  test(name, async () => {
    const visitor = await Visitor.arrive(browser!);
    try {
      await visitor.page.clock.install();
      await visitor.page.goto(studio.url + path);
      await run(visitor, visitor.page);
    } finally {
      await visitor.leave();
    }
    expect(visitor.complaints).toEqual([]);
  }, 120_000);
}

describe.skipIf(!browser)('creating', () => {
  visit('an image from the prompt to the upscaled download, and nowhere the key', async (visitor, page) => {
    const bodies: string[] = [];
    page.on('response', async (response) => void bodies.push(await response.text().catch(() => '')));
    await visitor.draw('red apple');
    await visitor.until('finished');
    await visitor.shoot('make');
    await visitor.button('Upscale', visitor.newest).click();
    await page.getByRole('heading', { name: titleOf('upscaler') }).waitFor();
    await visitor.generate();
    await visitor.until('finished');
    const { width, height, format } = await sharp(await visitor.download(visitor.newest)).metadata();
    expect({ width, height, format }).toEqual({ width: 512, height: 512, format: 'png' });
    await page.goto(`${studio.url}/network`);
    await page.getByText('Recent failures').waitFor();
    // what the runs have taught, ten seconds later at most
    await page
      .getByText(/% of \d+ tasks?/)
      .first()
      .waitFor({ timeout: 20_000 });
    await page.getByText(/^Has in memory .*RealESRGAN_x4plus\.pth$/).waitFor();
    await visitor.shoot('network');
    const key = studio.network.apiKey.split('#')[1]!;
    expect(bodies.length).toBeGreaterThan(10);
    expect(bodies.filter((body) => body.includes(key))).toEqual([]);
  });

  visit('the code on the page makes the same image again', async (visitor, page) => {
    await visitor.draw('green apple');
    await visitor.until('finished');
    await visitor.button('Edit', visitor.newest).click();
    await visitor.generate();
    await visitor.until('finished');
    const made = await visitor.download(visitor.newest);
    await visitor.newest.getByRole('link', { name: /^Open/ }).click();
    const program = await page.locator('[data-program]').textContent();
    expect(program).toMatch(/seed: \d+.*image_url: first\.image\.url,.*seed: \d+/s);
    // beside the sources, where the packages are found
    const folder = mkdtempSync(join(import.meta.dirname, 'program-'));
    try {
      writeFileSync(join(folder, 'program.ts'), program!);
      const { url, apiKey } = studio.network;
      const env = { ...process.env, HEURIST_WORKFLOW_URL: url, HEURIST_API_KEY: apiKey };
      const args = ['--conditions=@heurist/source', 'program.ts'];
      await promisify(execFile)(process.execPath, args, { cwd: folder, env, timeout: 60_000 });
      expect(readFileSync(join(folder, 'image2image.png')).equals(made)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  visit('before and after, by keyboard; the link shows the same in another browser', async (visitor, page) => {
    await visitor.draw('yellow star');
    await visitor.until('finished');
    await visitor.button('Edit', visitor.newest).click();
    await visitor.generate();
    await visitor.until('finished');
    await visitor.newest.getByRole('link', { name: /^Open/ }).click();
    const divider = page.getByRole('slider', { name: 'Divider between before and after' });
    await divider.press('ArrowRight');
    expect(await divider.inputValue()).toBe('51');
    await visitor.shoot('task', true);
    expect(await visitor.violations()).toEqual([]);
    const other = await Visitor.arrive(browser!);
    await other.page.goto(page.url());
    await other.page.getByRole('heading', { name: 'yellow star' }).waitFor();
    await other.page.getByRole('img', { name: 'yellow star' }).waitFor();
    await other.page.getByText('tiny-img2img', { exact: true }).waitFor();
    await other.leave();
  });

  visit('Reuse settings: the same seed, the same image', async (visitor, page) => {
    await visitor.draw('blue car');
    await visitor.until('finished');
    const first = await visitor.download(visitor.newest);
    await visitor.button('Reuse settings', visitor.newest).click();
    await eventually(() => visitor.field('Seed').inputValue()).toMatch(/^\d+$/);
    await visitor.generate();
    await eventually(() => page.getByRole('article').count()).toBe(2);
    await visitor.until('finished');
    expect((await visitor.download(visitor.newest)).equals(first)).toBe(true);
  });

  visit('Cancel while it runs', async (visitor) => {
    await visitor.beginUpscale(96);
    await visitor.until('running');
    await visitor.button('Cancel', visitor.newest).click();
    await visitor.until('canceled');
    await visitor.go('text2image');
    await visitor.draw('cat face');
    await visitor.until('finished');
  });

  visit('several at once, each with its place, progress and preview', async (visitor, page) => {
    await visitor.beginUpscale(80);
    await visitor.until('running');
    await visitor.go('text2image');
    // they may be there for a moment only: look out for them before they can come
    const place = page.getByText(/\d tasks? ahead/).first();
    const preview = page.getByAltText('Preview').first();
    const seen = Promise.all([place.waitFor(), preview.waitFor()]);
    for (const prompt of ['panda', 'fox', 'owl']) {
      await visitor.draw(prompt);
    }
    await visitor.shoot('several');
    await seen;
    const finished = page.getByText('finished', { exact: true });
    await eventually(() => finished.count()).toBe(4);
  });

  visit('a task that fails says why', async (visitor, page) => {
    await visitor.go('upscaler');
    await visitor.upload('cut.png', (await noise(64)).subarray(0, 400));
    await visitor.generate();
    await visitor.until('failed');
    await visitor.newest
      .getByText(/cut|truncated|premature|corrupt|picture|image|end of/i)
      .first()
      .waitFor();
    await visitor.go('Network');
    const failure = page.getByRole('region', { name: 'Recent failures' }).getByText('upscaler');
    await pollAfter(page, POLL_MS, () => failure.count()).toBeGreaterThan(0);
  });

  visit('the gallery shows more on request, and what is lost can be removed', async (visitor, page) => {
    await page.evaluate(() => {
      const entry = { family: 'text2image', workflow_id: 'tiny', options: {}, created_at: Date.now() };
      const entries = Array.from({ length: 30 }, (_, index) => ({ ...entry, task_id: `lost-${index}` }));
      localStorage.setItem('heurist.tasks', JSON.stringify(entries));
    });
    await page.reload();
    const cards = page.getByRole('article');
    await eventually(() => cards.count()).toBe(12);
    await visitor.go('Gallery');
    await eventually(() => cards.count()).toBe(24);
    await visitor.button('Show more').click();
    await eventually(() => cards.count()).toBe(30);
    await page.getByText('This task is no longer on the network.').first().waitFor();
    await visitor.button('Remove', visitor.newest).click();
    await eventually(() => cards.count()).toBe(29);
  });
});

describe.skipIf(!browser).concurrent('the form', () => {
  visit('an upload that is not an image is refused in words, and the form goes on', async (visitor, page) => {
    await visitor.go('upscaler');
    await visitor.upload('notes.txt', Buffer.from('just words'), 'text/plain');
    await page.getByText('This file is not an image.').waitFor();
    await visitor.button('Generate').click();
    await page
      .getByText(/Image is required|This file is not an image/)
      .first()
      .waitFor();
    await visitor.upload('noise.png', await noise(24));
    await page.getByAltText('noise.png').waitFor();
    await visitor.generate();
    await visitor.until('finished');
  });

  visit('an image can be dropped or pasted', async (visitor, page) => {
    await visitor.go('upscaler');
    const bytes = [...(await noise(16))];
    const transfer = await page.evaluateHandle((content) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(content)], 'dropped.png', { type: 'image/png' }));
      return data;
    }, bytes);
    await page.locator('.drop').dispatchEvent('drop', { dataTransfer: transfer });
    await page.getByAltText('dropped.png').waitFor();
    await visitor.button('Remove').click();
    await page.getByAltText('dropped.png').waitFor({ state: 'hidden' });
    await page.evaluate((clipboardData) => {
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, transfer);
    await page.getByAltText('dropped.png').waitFor();
  });

  visit('a mask is painted, and only what it covers is regenerated', async (visitor, page) => {
    await visitor.go('inpaint');
    const white = { width: 128, height: 128, channels: 3, background: '#fff' } as const;
    await visitor.upload('white.png', await sharp({ create: white }).png().toBuffer());
    const canvas = page.getByRole('application', { name: /^Mask/ });
    await canvas.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await canvas.boundingBox())!;
    await page.mouse.move(x + width * 0.3, y + height * 0.7);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.7, y + height * 0.7, { steps: 5 });
    await page.mouse.up();
    await page.getByText('Mask saved.').waitFor();
    // and by keyboard: a dot, half a brush below the middle
    await canvas.press('ArrowDown');
    expect(await alphaAt(canvas, 64, 74)).toBe(0);
    await canvas.press(' ');
    expect(await alphaAt(canvas, 64, 74)).toBe(255);
    await page.getByText('Mask saved.').waitFor();
    await visitor.shoot('mask');
    expect(await visitor.violations()).toEqual([]);
    await visitor.field('Prompt').fill('red heart');
    await visitor.generate();
    await visitor.until('finished');
    const made = sharp(await visitor.download(visitor.newest));
    const { data, info } = await made.removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const darkest = (top: number) => Math.min(...data.subarray(top * info.width * 3, (top + 8) * info.width * 3));
    expect(darkest(0)).toBeGreaterThan(235);
    expect(darkest(84)).toBeLessThan(200);
  });

  visit('what the network cannot run is shown with the reason', async (visitor, page) => {
    await page.getByRole('combobox', { name: 'Model' }).selectOption('sdxl');
    await page.getByText(/Missing: model file.*sd_xl_base/).waitFor();
    expect(await visitor.button('Generate').isDisabled()).toBe(true);
    await page.getByRole('group', { name: 'Aspect ratio' }).getByRole('button', { name: '16:9' }).click();
    expect(await page.getByRole('slider', { name: 'Width' }).getAttribute('aria-valuetext')).toBe('1368 px');
    await visitor.go('text2video');
    await page.getByText('Not available right now', { exact: true }).waitFor();
    await visitor.shoot('unavailable');
    expect(await visitor.violations()).toEqual([]);
  });

  visit('by keyboard alone', async (visitor, page) => {
    const tabTo = async (target: ReturnType<Visitor['field']>) => {
      for (let presses = 0; presses < 40; presses++) {
        await page.keyboard.press('Tab');
        if (await target.evaluate((element) => element === document.activeElement)) return;
      }
    };
    await tabTo(visitor.field('Prompt'));
    await page.keyboard.type('ghost');
    await tabTo(visitor.button('Generate'));
    await page.keyboard.press('Enter');
    await visitor.until('finished');
  });

  visit('a missing option is named and focused', async (visitor, page) => {
    await visitor.button('Generate').click();
    await page.getByText('Prompt is required.').waitFor();
    expect(await visitor.field('Prompt').evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await page.getByRole('article').count()).toBe(0);
  });
});

/** How opaque the paint is at a point of the mask: 0 to 255. */
function alphaAt(canvas: Locator, x: number, y: number): Promise<number> {
  return canvas.evaluate(
    (element, [left, top]) => (element as HTMLCanvasElement).getContext('2d')!.getImageData(left!, top!, 1, 1).data[3]!,
    [x, y],
  );
}

describe.skipIf(!browser).concurrent('every page', () => {
  const paths = {
    '/make/text2image': 'Your results will appear here.',
    '/make/upscaler': 'or drop or paste one here',
    '/make/text2audio': 'Not available right now',
    '/gallery': 'Nothing here yet. Everything you create is kept here.',
    '/network': 'Recent failures',
    '/nowhere': 'Page not found',
  };
  for (const [path, content] of Object.entries(paths))
    visit(
      `is accessible, and fits a phone: ${path}`,
      async (visitor, page) => {
        await page.getByText(content, { exact: true }).first().waitFor();
        await checkLooks(visitor, path.split('/').slice(1).join('-'));
      },
      path,
    );

  visit('is accessible, and fits a phone: a task and the gallery', async (visitor, page) => {
    await visitor.draw('robot');
    await visitor.until('finished');
    await visitor.go('Gallery');
    await page.getByRole('link', { name: 'Download' }).waitFor();
    await checkLooks(visitor, 'gallery');
    await page.getByRole('link', { name: 'robot', exact: true }).click();
    await page.locator('[data-program]').waitFor();
    await checkLooks(visitor, 'tasks');
  });

  async function checkLooks(visitor: Visitor, name: string) {
    const { page } = visitor;
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width: 1280, height: 860 });
      expect(await visitor.violations()).toEqual([]);
      await visitor.shoot(`${name}-${colorScheme}`);
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
      expect(await visitor.violations()).toEqual([]);
      await visitor.shoot(`${name}-${colorScheme}-phone`);
    }
    await page.setViewportSize({ width: 1280, height: 860 });
  }

  visit('loads at most 150 kB of script at first, gzipped', async (visitor, page) => {
    const scripts = new Set<string>();
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.endsWith('.js')) scripts.add(basename(pathname));
    });
    await page.reload();
    await visitor.button('Generate').waitFor();
    const assets = join(studio.webDir, 'assets');
    const loaded = readdirSync(assets).filter((name) => scripts.has(name));
    const bytes = loaded.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);
    expect(loaded.length).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThanOrEqual(150_000);
  });
});

describe.skipIf(!browser)('interruptions', () => {
  visit('refused events are asked for again, and polling finds what they miss', async (visitor, page) => {
    // of another kind than the pictures of the tests below, which would wait for that miner too
    await studio.offer('ace-step');
    const entry = { family: 'text2audio', workflow_id: 'ace-step', options: { tags: 'piano' } };
    const { task_id } = await call('tasks', { ...entry, job_id: 'sailboat' });
    let streams = 0;
    // as a proxy does that knows no event streams
    await page.route('**/api/events*', async (route) => {
      streams++;
      await route.fulfill({ status: 503 });
    });
    await page.evaluate((task) => localStorage.setItem('heurist.tasks', JSON.stringify([task])), {
      ...entry,
      task_id,
      created_at: Date.now(),
    });
    await page.reload();
    await visitor.until('waiting');
    await pollAfter(page, RECONNECT_MS, () => streams).toBeGreaterThan(1);
    await call(`tasks/${task_id}/cancel`, {});
    await pollAfter(page, POLL_MS, () => visitor.newest.getByText('canceled').count()).toBe(1);
  });

  visit('a reload in mid-run, and a restart of the server, lose nothing', async (visitor, page) => {
    await visitor.beginUpscale(128);
    await visitor.until('running');
    await page.reload();
    await visitor.until('running');
    await eventually(() => visitor.newest.getByText(/% · /).textContent()).toMatch(/elapsed/);
    await studio.restartServer();
    await visitor.until('finished');
    await visitor.newest
      .getByRole('img')
      .or(visitor.newest.getByRole('link', { name: /^Open/ }))
      .first()
      .waitFor();
  });

  visit('the network goes down and comes back: the page says so, and goes on by itself', async (visitor, page) => {
    await visitor.draw('tulip');
    await visitor.until('finished');
    await studio.stopNetwork();
    await page.clock.fastForward(POLL_MS);
    await page.getByText(/The network is not responding/).waitFor();
    await visitor.shoot('network-down');
    await visitor.field('Prompt').fill('rose');
    await visitor.button('Generate').click();
    await studio.startNetwork();
    await pollAfter(page, POLL_MS, () => page.getByText('Connection lost').count()).toBe(0);
    // the submit is retried for a while; then the form says so, and keeps its content
    const rose = page.getByRole('article', { name: 'rose' });
    await rose.or(page.getByText('The task could not be submitted')).waitFor({ timeout: 30_000 });
    if (!(await rose.isVisible())) await visitor.generate();
    await pollAfter(page, POLL_MS, () => rose.getByText('finished').count()).toBe(1);
    expect(await rose.count()).toBe(1);
  });
});
