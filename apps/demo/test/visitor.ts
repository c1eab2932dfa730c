import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sleep } from '@heurist/server-kit/sleep';
import axe from 'axe-core';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { families } from '../server/catalogue.ts';

const shots = resolve(import.meta.dirname, '../../../out/demo');
mkdirSync(shots, { recursive: true });

/** What the page calls a package. */
export const titleOf = (family: string): string => families.find(({ name }) => name === family)!.title;

/** Noise: something for a network to work on. */
export const noise = (width: number, height = width): Promise<Buffer> =>
  sharp({
    create: { width, height, channels: 3, background: '#3a6', noise: { type: 'gaussian', mean: 128, sigma: 20 } },
  })
    .png()
    .toBuffer();

/** Waits until the pictures in sight are there. */
export const untilPicturesShow = (page: Page) =>
  page.waitForFunction(() =>
    [...document.images].every((image) => {
      const { top, left } = image.getBoundingClientRect();
      return image.complete || top > innerHeight || left > innerWidth;
    }),
  );

/** Somebody who uses the page, in a browser profile of their own. */
export class Visitor {
  readonly page: Page;
  /** Errors of the page's scripts. */
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    page.setDefaultTimeout(30_000);
    page.on('pageerror', ({ message }) => this.complaints.push(message));
  }

  static async arrive(browser: Browser): Promise<Visitor> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, acceptDownloads: true });
    return new Visitor(context, await context.newPage());
  }

  /** Opens a page, and waits until its scripts have taken over what the HTML shows: before, keys and chosen files have no effect. */
  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.waitForFunction(() => {
      const shown = document.querySelector('main > *');
      // React marks what it has taken over
      return shown !== null && Object.keys(shown).some((key) => key.startsWith('__reactProps'));
    });
  }

  leave(): Promise<void> {
    return this.#context.close();
  }

  field(name: string): Locator {
    return this.page.getByRole('textbox', { name, exact: true });
  }

  button(name: string, within: Page | Locator = this.page): Locator {
    return within.getByRole('button', { name, exact: true });
  }

  /** The task that is shown: the newest, unless another was chosen. */
  get newest(): Locator {
    return this.page.getByRole('article').first();
  }

  /** Waits until the newest task has a status. */
  async until(status: string): Promise<void> {
    await this.newest.getByText(status, { exact: true }).waitFor({ timeout: 60_000 });
  }

  /** Follows a link of the navigation, to a package or a page. */
  async go(place: string): Promise<void> {
    const isFamily = families.some(({ name }) => name === place);
    const name = new RegExp(`^${isFamily ? titleOf(place) : place}( ?not available right now)?$`);
    await this.page.getByRole('navigation').getByRole('link', { name }).click();
  }

  /** Submits the form, and waits until the new task is shown. */
  async generate(): Promise<void> {
    await this.showsAnother(() => this.button('Generate').click());
  }

  /** Does something that shows another task, and waits for it. */
  async showsAnother(act: () => Promise<unknown>): Promise<void> {
    const shown = async () => ((await this.newest.count()) ? await this.newest.getAttribute('data-task') : null);
    const before = await shown();
    await act();
    for (let looks = 0; (await shown()) === before; looks++) {
      if (looks === 300) throw new Error('The page shows no other task.');
      await sleep(100);
    }
  }

  /** Chooses one of the actions behind the dots. */
  async choose(action: string): Promise<void> {
    await this.button('More actions', this.newest).click();
    await this.page.getByRole('menuitem', { name: action, exact: true }).click();
  }

  /** Opens the page of the task that is shown. */
  async openTask(): Promise<void> {
    await this.newest.locator('.stage-title a').click();
    await this.page.getByRole('region', { name: 'Details' }).waitFor();
  }

  async draw(prompt: string): Promise<void> {
    await this.field('Prompt').fill(prompt);
    await this.generate();
  }

  async upload(name: string, buffer: Buffer, mimeType = 'image/png'): Promise<void> {
    await this.page.locator('input[type=file]').first().setInputFiles({ name, mimeType, buffer });
  }

  /** Starts an upscale of a square image: the larger, the longer it takes. */
  async beginUpscale(side: number): Promise<void> {
    await this.go('upscaler');
    await this.upload('noise.png', await noise(side));
    await this.page.getByAltText('noise.png').waitFor();
    await this.generate();
  }

  async download(within: Locator): Promise<Buffer> {
    const [file] = await Promise.all([
      this.page.waitForEvent('download'),
      within.getByRole('link', { name: 'Download', exact: true }).click(),
    ]);
    return readFileSync(await file.path());
  }

  /** A picture for people to look at: `out/demo/<name>.png`. */
  async shoot(name: string, fullPage = false): Promise<void> {
    await this.page.screenshot({ path: join(shots, `${name}.png`), fullPage });
  }

  /** What an automatic check finds wrong for people who see, hear or move otherwise. */
  async violations(): Promise<string[]> {
    // the page's own rules would refuse an inline script; this is evaluated by the browser's tools instead
    if (!(await this.page.evaluate(() => 'axe' in globalThis))) await this.page.evaluate(axe.source);
    return await this.page.evaluate(async () => {
      // a button that becomes usable changes its colours within a moment
      const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
      await Promise.allSettled(ending.map(({ finished }) => finished));
      const tool = (globalThis as unknown as { axe: typeof axe }).axe;
      const { violations } = await tool.run({ resultTypes: ['violations'] });
      return violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map(({ html, failureSummary }) => html.slice(0, 200) + failureSummary).join(' | ')}`,
      );
    });
  }
}
