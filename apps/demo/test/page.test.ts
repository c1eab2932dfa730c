// The demo as a visitor uses it: a real browser, the real page and server, the real local network.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Heurist } from '@heurist/core';
import { launchBrowser } from '@heurist/test-servers/browser';
import type { Browser, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkLooks } from './check-looks.ts';
import { type Studio, startStudio } from './studio.ts';
import { noise, titleOf, Visitor } from './visitor.ts';

const browser: Browser | undefined = await launchBrowser();
let studio: Studio;
beforeAll(async () => {
  if (browser) studio = await startStudio({ tasks: 1000, files: 1000, networkFreshMs: 0 });
  // the first call loads the client's code, which may take longer than the network's limit on a busy machine
  if (browser) while (!(await fetch(`${studio.url}/api/network`)).ok);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await studio?.close();
});

/** How often the page polls. */
const POLL_MS = 5000;
/** After which it no longer waits for an answer. */
const ANSWER_MS = 10_000;
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

/** An entry of the Layout Instability API, which TypeScript does not know. */
type LayoutShift = PerformanceEntry & {
  value: number;
  sources: { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[];
};

/** A test of the page by a visitor who has just opened it. */
function visit(name: string, run: (visitor: Visitor, page: Page) => Promise<void>, path = '/make/text2image'): void {
  test(name, async () => {
    const visitor = await Visitor.arrive(browser!);
    try {
      await visitor.page.clock.install();
      await visitor.open(studio.url + path);
      await run(visitor, visitor.page);
    } finally {
      await visitor.leave();
    }
    expect(visitor.complaints).toEqual([]);
  }, 120_000);
}

describe.skipIf(!browser)('the first page', () => {
  visit(
    'an example is one press away; what it made is shown, and its prompt is in the form',
    async (visitor, page) => {
      await visitor.shoot('first');
      await visitor.button('red apple on a blue background').click();
      await visitor.until('finished');
      expect(await visitor.field('Prompt').inputValue()).toBe('red apple on a blue background');
      await visitor.shoot('make');
      await visitor.go('Heurist Studio, first page');
      await visitor.field('Prompt').fill('a castle');
      await visitor.showsAnother(() => page.keyboard.press('Control+Enter'));
      await page.getByRole('article', { name: 'a castle' }).waitFor();
    },
    '/',
  );

  visit(
    'on a phone, what an example made is in sight',
    async (visitor, page) => {
      await page.setViewportSize({ width: 390, height: 740 });
      await visitor.button('a hamburger').click();
      await visitor.newest.waitFor();
      await eventually(() => visitor.newest.evaluate((stage) => stage.getBoundingClientRect().top)).toBeLessThan(200);
    },
    '/',
  );

  visit(
    'says what the network can do now, and how a GPU is added',
    async (_, page) => {
      await page.getByRole('region', { name: 'What this network can do now' }).getByText('Upscale').waitFor();
      const later = page.getByRole('region', { name: 'What a GPU would add' });
      await later.getByRole('link', { name: /^Text to video/ }).waitFor();
      expect(await later.locator('pre').textContent()).toContain(`--sequencer ${studio.network.url} `);
    },
    '/',
  );
});

describe.skipIf(!browser)('creating', () => {
  visit('an image from the prompt to the upscaled download, and nowhere the key', async (visitor, page) => {
    const bodies: string[] = [];
    page.on('response', async (response) => void bodies.push(await response.text().catch(() => '')));
    await visitor.draw('red apple');
    await visitor.until('finished');
    // shown at a whole multiple: not blurred
    const width = await visitor.newest.getByRole('img', { name: 'red apple' }).evaluate((image) => image.clientWidth);
    expect([width % 128, width > 128]).toEqual([0, true]);
    await visitor.showsAnother(() => visitor.button('Upscale', visitor.newest).click());
    await visitor.until('finished');
    const made = await sharp(await visitor.download(visitor.newest)).metadata();
    expect(made).toMatchObject({ width: 512, height: 512, format: 'png' });
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
    await visitor.choose(titleOf('image2image'));
    await visitor.generate();
    await visitor.until('finished');
    const made = await visitor.download(visitor.newest);
    await visitor.openTask();
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
    await visitor.choose(titleOf('image2image'));
    await visitor.generate();
    await visitor.until('finished');
    await visitor.openTask();
    const divider = page.getByRole('slider', { name: 'Divider between before and after' });
    await divider.press('ArrowRight');
    expect(await divider.inputValue()).toBe('51');
    await visitor.shoot('task', true);
    expect(await visitor.violations()).toEqual([]);
    await page.locator('h1').click();
    await page.keyboard.press('c');
    await divider.waitFor({ state: 'detached' });
    const other = await Visitor.arrive(browser!);
    await other.page.goto(page.url());
    await other.page.getByRole('heading', { name: 'yellow star' }).waitFor();
    await other.page.getByRole('img', { name: 'yellow star' }).waitFor();
    await other.page.getByText('tiny-img2img', { exact: true }).waitFor();
    await other.leave();
  });

  visit('again with the same settings: the same seed, the same image', async (visitor) => {
    await visitor.draw('blue car');
    await visitor.until('finished');
    const first = await visitor.download(visitor.newest);
    await visitor.choose('Again with these settings');
    await eventually(() => visitor.field('Seed').inputValue()).toMatch(/^\d+$/);
    await visitor.generate();
    await visitor.until('finished');
    expect((await visitor.download(visitor.newest)).equals(first)).toBe(true);
  });

  visit('four variations stand side by side, each with another seed; one of them goes on', async (visitor, page) => {
    await visitor.field('Prompt').fill('a fox');
    await visitor.button('Four').click();
    const four = page.getByRole('article', { name: 'a fox: variations' });
    await eventually(() => four.getByRole('button', { name: /^Variation \d: seed \d+$/ }).count()).toBe(4);
    const seeds = await four.getByText(/^seed \d+$/).allTextContents();
    expect(new Set(seeds).size).toBe(4);
    await visitor.shoot('variations');
    expect(await visitor.violations()).toEqual([]);
    await four.getByRole('button', { name: /^Variation 2/ }).click();
    await visitor.newest.getByText(seeds[1]!, { exact: false }).waitFor();
    await visitor.button('All 4').click();
    await four.waitFor();
  });

  visit('a result goes into a field for a picture: dragged, or chosen by keyboard', async (visitor, page) => {
    await visitor.draw('a ghost');
    await visitor.until('finished');
    await visitor.go('image2image');
    const dragged = await page.evaluateHandle(() => new DataTransfer());
    await visitor.newest.getByRole('img', { name: 'a ghost' }).dispatchEvent('dragstart', { dataTransfer: dragged });
    await page.locator('.drop').dispatchEvent('drop', { dataTransfer: dragged });
    await page.getByAltText('An output of an earlier task').waitFor();
    await visitor.button('Remove').click();
    await visitor.button('From your results').press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'a ghost' }).press('Enter');
    await page.getByAltText('An output of an earlier task').waitFor();
  });

  visit('Cancel while it runs, by its key; what is left says so and can begin again', async (visitor, page) => {
    await visitor.beginUpscale(96);
    await visitor.until('running');
    await page.keyboard.press('Escape');
    await visitor.until('canceled');
    await visitor.newest.getByText('This task was canceled. Nothing was made.').waitFor();
    await visitor.button('Again with these settings', visitor.newest).waitFor();
    await visitor.go('text2image');
    await visitor.draw('cat face');
    await visitor.until('finished');
  });

  visit('several at once, each with its place, progress and preview, on every page', async (visitor, page) => {
    await visitor.beginUpscale(80);
    await visitor.until('running');
    await visitor.go('text2image');
    // as long as they may take: of a task that ends at once, no preview is shown
    await page.getByText('More options').click();
    await page.getByLabel('Steps').fill('150');
    const queue = page.getByRole('region', { name: 'Queue' });
    // they may be there for a moment only: look out for them before they can come
    const seen = Promise.all([
      queue
        .getByText(/\d tasks? ahead/)
        .first()
        .waitFor(),
      queue.locator('img').first().waitFor(),
    ]);
    for (const prompt of ['panda', 'fox', 'owl']) await visitor.draw(prompt);
    await visitor.shoot('several');
    await visitor.go('Gallery');
    await seen;
    await queue.waitFor({ state: 'detached', timeout: 60_000 });
    await eventually(() => page.getByRole('article').locator('a img').count()).toBe(4);
  });

  visit('a task that fails says why', async (visitor, page) => {
    // the network knows only what it was told: the server reads what it stores
    const { url, apiKey } = studio.network;
    const cut = new Blob([new Uint8Array((await noise(64)).subarray(0, 400))], { type: 'image/png' });
    const link = await new Heurist({ workflowURL: url, apiKey }).workflow.uploadFile(cut);
    const entry = {
      family: 'upscaler',
      workflow_id: 'upscaler',
      options: { image_url: { url: link, name: 'cut.png' } },
    };
    const { task_id } = await call('tasks', { ...entry, job_id: 'cut-picture' });
    await page.goto(`${studio.url}/tasks/${task_id}`);
    await visitor.until('failed');
    await visitor.newest
      .getByText(/cut|truncated|premature|corrupt|picture|image|end of/i)
      .first()
      .waitFor();
    await visitor.go('Network');
    const failure = page.getByRole('region', { name: 'Recent failures' }).getByText('upscaler');
    await pollAfter(page, POLL_MS, () => failure.count()).toBeGreaterThan(0);
  });

  visit(
    'of 5000 tasks the gallery shows those in sight; words find others, and what is lost can be removed',
    async (visitor, page) => {
      await page.evaluate(() => {
        const entry = { family: 'text2image', workflow_id: 'tiny', created_at: Date.now(), end: { status: 'gone' } };
        const entries = Array.from({ length: 5000 }, (_, index) => ({
          ...entry,
          task_id: `lost-${index}`,
          options: { prompt: `number ${index}` },
        }));
        localStorage.setItem('heurist.tasks', JSON.stringify(entries));
      });
      await page.reload();
      await visitor.go('Gallery');
      const cards = page.getByRole('article');
      await cards.first().waitFor();
      expect(await cards.count()).toBeLessThan(100);
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await page.getByRole('article', { name: 'number 4999' }).waitFor();
      expect(await cards.count()).toBeLessThan(100);
      await page.getByRole('searchbox', { name: 'Search' }).fill('4321 number');
      await page.getByText('1 of 5000').waitFor();
      await visitor.button('More actions', visitor.newest).click();
      await page.getByRole('menuitem', { name: 'Remove' }).click();
      await page.getByText('0 of 4999').waitFor();
    },
  );

  visit('a task that is no longer there says so, and can be removed', async (visitor, page) => {
    await page.evaluate(() => {
      const entry = { task_id: 'lost', family: 'text2image', workflow_id: 'tiny', options: {}, created_at: Date.now() };
      localStorage.setItem('heurist.tasks', JSON.stringify([entry]));
    });
    await page.reload();
    await page.getByText('This task is no longer on the network.').waitFor();
    await visitor.button('Remove').click();
    await page.getByText('Your results will appear here.').waitFor();
  });
});

describe.skipIf(!browser).concurrent('before the scripts', () => {
  for (const [system, chosen, color] of [
    ['dark', 'light', 'rgb(247, 247, 249)'],
    ['light', 'dark', 'rgb(11, 11, 14)'],
  ] as const)
    visit(`a ${system} system with ${chosen} chosen begins ${chosen}`, async (visitor, page) => {
      await page.emulateMedia({ colorScheme: system });
      await visitor.button('Switch between light and dark').click();
      await page.route('**/assets/**', (route) => route.abort());
      await page.reload();
      const shown = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      expect(await shown()).toBe(color);
      await page.goto(`${studio.url}/tasks/abc`);
      expect(await shown()).toBe(color);
    });

  visit('a click while the page is taken over leads where it leads', async (_, page) => {
    await page.addInitScript(() => {
      const listen = EventTarget.prototype.addEventListener;
      EventTarget.prototype.addEventListener = function (...args: Parameters<typeof listen>) {
        // React listens at its root when it begins
        if (this instanceof Element && this.id === 'root') {
          EventTarget.prototype.addEventListener = listen;
          history.pushState(null, '', '/network');
        }
        listen.apply(this, args);
      };
    });
    await page.reload();
    await page.getByRole('heading', { name: 'Network', exact: true }).waitFor();
  });

  visit('no script is asked for while the HTML loads', async (_, page) => {
    const order: string[] = [];
    page.on('load', () => order.push('loaded'));
    page.on('request', (request) => request.resourceType() === 'script' && order.push('script'));
    await page.reload({ waitUntil: 'networkidle' });
    expect(order.length).toBeGreaterThan(5);
    expect(order.indexOf('loaded')).toBe(0);
  });
});

describe.skipIf(!browser)('pressed before the page can do it', () => {
  /** Holds back what matches, until the test lets it through. */
  async function hold(page: Page, what: string): Promise<() => void> {
    const gate = Promise.withResolvers<void>();
    await page.route(what, async (route) => {
      await gate.promise;
      await route.continue();
    });
    return gate.resolve;
  }
  const tasksOf = (page: Page) =>
    page.evaluate(() => JSON.parse(localStorage.getItem('heurist.tasks') ?? '[]').length as number);

  visit(
    'what is typed and pressed counts, and the page that is seen is the one that goes on',
    async (visitor, page) => {
      const letThrough = await hold(page, '**/assets/**');
      await page.reload();
      const prompt = visitor.field('Prompt');
      await prompt.fill('a red fox');
      await prompt.evaluate((element) => Object.assign(element, { isSeen: true }));
      await visitor.button('Generate').click({ force: true });
      await visitor.button('Generate').click({ force: true });
      expect(await visitor.button('Generate').getAttribute('aria-busy')).toBe('true');
      letThrough();
      await page.getByRole('article', { name: 'a red fox' }).waitFor();
      expect(await prompt.inputValue()).toBe('a red fox');
      expect(await prompt.evaluate((element) => 'isSeen' in element)).toBe(true);
      expect(await tasksOf(page)).toBe(1);
      expect(await page.locator('[aria-busy]').count()).toBe(0);
    },
  );

  visit(
    'of several presses the last one counts',
    async (visitor, page) => {
      const letThrough = await hold(page, '**/assets/**');
      await page.reload();
      await visitor.button('a castle on a pink background').click({ force: true });
      await visitor.button('a hamburger').click({ force: true });
      letThrough();
      await page.getByRole('article', { name: 'a hamburger' }).waitFor();
      expect(await tasksOf(page)).toBe(1);
    },
    '/',
  );

  visit(
    'Ctrl and Enter count too',
    async (visitor, page) => {
      const letThrough = await hold(page, '**/assets/**');
      await page.reload();
      await visitor.field('Prompt').fill('an owl');
      await page.keyboard.press('Control+Enter');
      letThrough();
      await page.getByRole('article', { name: 'an owl' }).waitFor();
      expect(await tasksOf(page)).toBe(1);
    },
    '/',
  );

  visit(
    'a button that needs no network does what it does, once',
    async (visitor, page) => {
      const letThrough = await hold(page, '**/assets/**');
      await page.reload();
      await visitor.button('Switch between light and dark').click();
      letThrough();
      const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
      await eventually(theme).toBe('dark');
      await page.waitForLoadState('networkidle');
      expect(await theme()).toBe('dark');
    },
    '/',
  );

  visit(
    'what is pressed while the network is asked waits for the answer',
    async (visitor, page) => {
      const letThrough = await hold(page, '**/api/network');
      await visitor.open(`${studio.url}/`);
      await visitor.button('a hamburger').click({ force: true });
      expect(await tasksOf(page)).toBe(0);
      letThrough();
      await page.getByRole('article', { name: 'a hamburger' }).waitFor();
      expect(await tasksOf(page)).toBe(1);
    },
    '/',
  );

  visit(
    'what is pressed while the network is away is forgotten',
    async (visitor, page) => {
      await page.route('**/api/network', (route) => route.abort());
      const letThrough = await hold(page, '**/assets/**');
      await page.reload();
      await visitor.button('a hamburger').click({ force: true });
      letThrough();
      await page.getByText('Connection lost').waitFor();
      await page.unroute('**/api/network');
      await pollAfter(page, POLL_MS, () => page.getByText('Connection lost').count()).toBe(0);
      await eventually(() => visitor.button('a hamburger').getAttribute('aria-disabled')).toBe('false');
      expect([await tasksOf(page), await page.locator('[aria-busy]').count()]).toEqual([0, 0]);
    },
    '/',
  );
});

describe.skipIf(!browser).concurrent('the keyboard', () => {
  visit('its map opens on ?, and letters can be turned off', async (visitor, page) => {
    await visitor.button('Generate').waitFor();
    await page.keyboard.press('?');
    const map = page.getByRole('dialog', { name: 'Keyboard' });
    await map.getByText('Four variations, each with another seed').waitFor();
    expect(await visitor.violations()).toEqual([]);
    await map.getByRole('checkbox').uncheck();
    await page.keyboard.press('Escape');
    await map.waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.keyboard.press('/');
    expect(await map.count()).toBe(0);
    expect(await visitor.field('Prompt').evaluate((element) => element === document.activeElement)).toBe(false);
  });

  visit('a menu is walked by arrows, and Escape leaves it', async (visitor, page) => {
    await visitor.draw('a donut');
    await visitor.until('finished');
    const dots = visitor.button('More actions', visitor.newest);
    await dots.press('Enter');
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await eventually(focused).toContain('Four variations');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toContain('Again with these settings');
    await page.keyboard.press('End');
    expect(await focused()).toContain('Remove');
    expect(await visitor.violations()).toEqual([]);
    await page.keyboard.press('Escape');
    await eventually(() => dots.evaluate((element) => element === document.activeElement)).toBe(true);
  });
});

describe.skipIf(!browser).concurrent('the form', () => {
  visit('an upload that is not an image is refused in words, and the form goes on', async (visitor, page) => {
    await visitor.go('upscaler');
    await visitor.upload('noise.png', await noise(24));
    await page.getByAltText('noise.png').waitFor();
    await visitor.upload('notes.txt', Buffer.from('just words'), 'text/plain');
    await page.getByText(/^notes\.txt: This file is not an image\..* noise\.png, is still chosen\.$/).waitFor();
    await visitor.generate();
    await visitor.until('finished');
  });

  visit('a picture that would be too large once enlarged is refused before the submit', async (visitor, page) => {
    await visitor.go('upscaler');
    const flat = sharp({ create: { width: 3000, height: 2000, channels: 3, background: '#a63' } });
    await visitor.upload('photo.png', await flat.png().toBuffer());
    await page.getByText(/^photo\.png has 6 megapixels .* Enlarged 4 times it would have 96 megapixels/).waitFor();
    await visitor.button('Generate').click();
    await page.getByRole('combobox', { name: 'Scale' }).selectOption('2');
    await page.getByText(/Enlarged/).waitFor({ state: 'detached' });
    expect(await page.getByRole('article').count()).toBe(0);
  });

  visit('a long prompt scrolls inside its field, and is there after a reload', async (visitor, page) => {
    const long = 'a lion and a lamb '.repeat(1100);
    await visitor.field('Prompt').fill(long);
    expect(await visitor.field('Prompt').evaluate((element) => element.clientHeight)).toBeLessThan(400);
    await page.reload();
    await eventually(() => visitor.field('Prompt').inputValue()).toBe(long);
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
    '/': 'What do you want to make?',
    '/make/text2image': 'Your results will appear here.',
    '/make/upscaler': 'or drop or paste one here',
    '/make/text2audio': 'Not available right now',
    '/gallery': 'Make the first one',
    '/chains': 'Begin with an example',
    '/network': 'Recent failures',
    '/your-workflow': 'Choose a file',
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
    await page.getByRole('link', { name: 'Open: robot' }).waitFor();
    await checkLooks(visitor, 'gallery');
    await page.getByRole('link', { name: 'Open: robot' }).click();
    await page.locator('[data-program]').waitFor();
    await checkLooks(visitor, 'tasks');
  });

  for (const path of ['/', '/make/text2image', '/make/text2video', '/make/inpaint', '/network', '/your-workflow'])
    visit(
      `nothing on a phone moves once the scripts and the network answer: ${path}`,
      async (_, page) => {
        await page.setViewportSize({ width: 412, height: 823 });
        await page.route('**/api/network', async (route) => {
          await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
          await route.continue();
        });
        const answer = page.waitForResponse('**/api/network');
        await page.reload({ waitUntil: 'load' });
        await answer;
        await page.waitForLoadState('networkidle');
        const shifts = await page.evaluate(async () => {
          const entries: LayoutShift[] = [];
          new PerformanceObserver((list) => entries.push(...(list.getEntries() as LayoutShift[]))).observe({
            type: 'layout-shift',
            buffered: true,
          });
          await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          const name = (node: Node | null) =>
            node instanceof Element ? `${node.tagName}.${node.className}` : node?.nodeName;
          return entries.map(({ value, startTime, sources }) => ({
            value,
            at: Math.round(startTime),
            moved: sources.map(
              ({ node, previousRect, currentRect }) => `${name(node)} ${previousRect.y} > ${currentRect.y}`,
            ),
          }));
        });
        const sum = shifts.reduce((sum, { value }) => sum + value, 0);
        expect(sum, JSON.stringify(shifts)).toBeLessThanOrEqual(0.05);
      },
      path,
    );

  /** Where things are, and how large. */
  const boxesOf = (page: Page, ...what: string[]) =>
    page.evaluate(
      (selectors) =>
        selectors.map((selector) => {
          const { x, y, width, height } = document.querySelector(selector)!.getBoundingClientRect();
          return [selector, ...[x, y, width, height].map(Math.round)];
        }),
      what,
    );
  const WIDTHS = [1280, 390];

  visit('a task has its room in the HTML, and fills it', async (visitor, page) => {
    await visitor.draw('a tulip');
    await visitor.until('finished');
    const path = await visitor.newest.locator('.stage-title a').getAttribute('href');
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 860 });
      await page.route('**/assets/**', (route) => route.abort());
      await page.goto(studio.url + path);
      const room = await boxesOf(page, '.app-header', 'h1', '.canvas');
      await page.unroute('**/assets/**');
      await page.goto(studio.url + path);
      await page.getByRole('img', { name: 'a tulip' }).waitFor();
      const [header, , canvas] = await boxesOf(page, '.app-header', 'h1', '.canvas');
      expect([header, canvas]).toEqual([room[0], room[2]]);
      expect((await boxesOf(page, 'h1'))[0]!.slice(0, 3)).toEqual(room[1]!.slice(0, 3));
    }
  });

  visit(
    'a chain has its room in the HTML, and fills it; its steps move by keys and buttons',
    async (visitor, page) => {
      const step = (family: string, workflow_id: string) => ({ family, workflow_id, options: {} });
      const steps = [step('text2image', 'tiny'), step('image2image', 'tiny-img2img'), step('upscaler', 'upscaler')];
      const chain = { id: 'c', name: 'Fox', prompt: 'a fox', isRunning: false, steps };
      await page.evaluate((one) => localStorage.setItem('heurist.chains', JSON.stringify([one])), chain);
      const parts = ['.app-header', '.chain-back', '.chain-name', '.prompt-box', '.chain-steps > li'];
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 860 });
        await page.route('**/assets/**', (route) => route.abort());
        await page.goto(`${studio.url}/chains/c`);
        const room = await boxesOf(page, ...parts);
        await page.unroute('**/assets/**');
        await page.goto(`${studio.url}/chains/c`);
        await page.getByText('Each step works on what the one before has made.').waitFor();
        const filled = await boxesOf(page, ...parts);
        expect(filled.map((box) => box.slice(0, 4))).toEqual(room.map((box) => box.slice(0, 4)));
      }
      await page.setViewportSize({ width: 1280, height: 860 });
      const order = () => page.locator('.step-title').allTextContents();
      const drawn = titleOf('text2image');
      const restyled = titleOf('image2image');
      const enlarged = titleOf('upscaler');
      await page.getByRole('button', { name: new RegExp(`2\\. ${restyled}`) }).press('Alt+ArrowRight');
      expect(await order()).toEqual([`1. ${drawn}`, `2. ${enlarged}`, `3. ${restyled}`]);
      await page.getByText('It is step 3 now.').waitFor();
      // the focus goes with it
      await page.keyboard.press('Alt+ArrowLeft');
      expect(await order()).toEqual([`1. ${drawn}`, `2. ${restyled}`, `3. ${enlarged}`]);
      const earlier = visitor.button('Move earlier');
      await earlier.press('Enter');
      await page.getByText(`${drawn} takes no picture: it can only be the first step.`).waitFor();
      expect(await order()).toEqual([`1. ${drawn}`, `2. ${restyled}`, `3. ${enlarged}`]);
      await page.getByRole('button', { name: new RegExp(`3\\. ${enlarged}`) }).click();
      await earlier.focus();
      await page.keyboard.press('Enter');
      expect(await order()).toEqual([`1. ${drawn}`, `2. ${enlarged}`, `3. ${restyled}`]);
      expect(await earlier.evaluate((element) => element === document.activeElement)).toBe(true);
      expect(await visitor.violations()).toEqual([]);
      await visitor.shoot('chain-moved');
    },
    '/chains',
  );

  for (const [path, first] of [
    ['/', 'Generate'],
    ['/make/text2image', 'Generate'],
    ['/gallery', 'Search'],
    ['/your-workflow', 'Choose a file'],
  ] as const)
    visit(
      `loads at most 130 kB of script at first, gzipped: ${path}`,
      async (visitor, page) => {
        const scripts = new Set<string>();
        page.on('response', (response) => {
          const { pathname } = new URL(response.url());
          if (pathname.endsWith('.js')) scripts.add(basename(pathname));
        });
        await page.evaluate(() => {
          const entry = { task_id: 'a', family: 'text2image', workflow_id: 'tiny', options: {}, created_at: 0 };
          localStorage.setItem('heurist.tasks', JSON.stringify([{ ...entry, end: { status: 'gone' } }]));
        });
        await page.reload({ waitUntil: 'networkidle' });
        await visitor
          .button(first)
          .or(page.getByRole('searchbox', { name: first }))
          .first()
          .waitFor();
        const assets = join(studio.webDir, 'assets');
        const loaded = readdirSync(assets).filter((name) => scripts.has(name));
        const bytes = loaded.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);
        expect(loaded.length).toBeGreaterThan(0);
        expect(bytes).toBeGreaterThan(50_000);
        expect(bytes).toBeLessThanOrEqual(130_000);
      },
      path,
    );
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
    await pollAfter(page, POLL_MS, () => visitor.newest.getByText('canceled', { exact: true }).count()).toBe(1);
  });

  visit('a reload in mid-run, and a restart of the server, lose nothing', async (visitor, page) => {
    await visitor.beginUpscale(128);
    await visitor.until('running');
    await page.reload();
    await visitor.until('running');
    await eventually(() => visitor.newest.getByText(/% · /).textContent()).toMatch(/elapsed/);
    await studio.restartServer();
    await visitor.until('finished');
    await visitor.newest.getByRole('img', { name: titleOf('upscaler') }).waitFor();
  });

  visit('without a connection nothing counts on: the page says so', async (visitor, page) => {
    await visitor.beginUpscale(160);
    await visitor.until('running');
    const saysSo = () => visitor.newest.getByText('No connection. The task goes on').count();
    await page.route('**/api/**', (route) => route.abort());
    await pollAfter(page, POLL_MS, saysSo).toBe(1);
    await page.getByText('Connection lost').waitFor();
    await page.unroute('**/api/**');
    await pollAfter(page, POLL_MS, saysSo).toBe(0);
    // a server that hangs takes every question, and answers none
    await page.route('**/api/**', () => new Promise(() => {}));
    await pollAfter(page, ANSWER_MS, saysSo).toBe(1);
    await page.unroute('**/api/**');
    await pollAfter(page, POLL_MS, () => visitor.newest.getByText('No connection.').count()).toBe(0);
    await visitor.button('Cancel', visitor.newest).click();
    await visitor.until('canceled');
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
