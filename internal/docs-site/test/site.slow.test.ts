// The whole site with its reference, as it is published, in a real browser; and the pictures, made once more.
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { launchBrowser } from '@heurist/test-servers/browser';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { families } from '../src/generated/families.ts';
import { makePictures } from '../src/generated/make-pictures.ts';
import { pictures, root, site } from '../src/paths.ts';
import { answersTo, brokenLinks, buildSite, builtPages, namesTwice } from './built-site.ts';
import { questions } from './questions.ts';
import { serve } from './serve.ts';

const browser: Browser | undefined = await launchBrowser();
let server: Server;
let url: string;
beforeAll(async () => {
  await buildSite();
  ({ url, server } = await serve(site));
}, 300_000);
afterAll(async () => {
  await browser?.close();
  server?.close();
});

test('links of the reference lead to pages and headings too', () => {
  const pages = builtPages();
  expect([...pages.keys()].filter((address) => address.startsWith('/reference/')).length).toBeGreaterThan(35);
  expect(brokenLinks(pages)).toEqual([]);
  expect([...pages.values()].flatMap(namesTwice)).toEqual([]);
});

describe('with the reference in the index, too, the search answers', () => {
  test.each(questions)('%s', (question, page) => {
    expect(answersTo(question).slice(0, 2)).toContain(page);
  });
});

const SAMPLE = [
  '/',
  '/start/app',
  '/guides/errors',
  '/workflows/text2image',
  '/operate/',
  '/reference/@heurist/server',
];
const SCREENS = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

describe.skipIf(!browser)('in a browser', () => {
  test.each([
    ['light', 'dark'],
    ['dark', 'light'],
  ] as const)('drawings of graphs are %s if the page is, and not %s as the system', async (chosen, colorScheme) => {
    const page = await browser!.newPage({ colorScheme });
    await page.addInitScript((theme) => localStorage.setItem('vitepress-theme-appearance', theme), chosen);
    await page.goto(`${url}/workflows/upscaler`);
    const shot = await page.getByAltText('The graph of upscaler').screenshot();
    const { data, info } = await sharp(shot).greyscale().raw().toBuffer({ resolveWithObject: true });
    // in the box of the first node, beside its text
    const [x, y] = [100, 35].map((place) => Math.round((place * info.width) / 1052)) as [number, number];
    expect(data[(y * info.width + x) * info.channels]! > 128 ? 'light' : 'dark').toBe(chosen);
    await page.close();
  });

  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    test.each(Object.entries(SCREENS))(
      'on a %s: readable for everybody, no wider than the screen',
      async (name, viewport) => {
        const page = await browser!.newPage({ colorScheme, viewport });
        for (const path of SAMPLE) {
          await page.goto(url + path);
          await page.screenshot({ path: shotOf(`${path.replaceAll('/', '-')}-${colorScheme}-${name}`) });
          expect([path, await violations(page)]).toEqual([path, []]);
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          expect([path, width]).toEqual([path, viewport.width]);
        }
        await page.close();
      },
      120_000,
    );
  });

  test('a visitor searches and finds, without the network', async () => {
    const page = await browser!.newPage({ viewport: SCREENS.desk });
    await page.goto(url);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('searchbox').fill('why is my task waiting');
    const answer = page.getByRole('option').filter({ hasText: 'Why a task waits' }).first();
    await answer.waitFor();
    await page.screenshot({ path: shotOf('-search') });
    await answer.click();
    await page.waitForURL('**/guides/why-it-waits*');
    await page.close();
  }, 120_000);
});

test('the pictures of workflows are what the engine makes', async () => {
  for (const [name, made] of await makePictures(families)) {
    const [here, there] = await Promise.all([made, readFileSync(join(pictures, name))].map(pixels));
    expect([name, here!.length]).toEqual([name, there!.length]);
    const off = here!.reduce((sum, value, index) => sum + Math.abs(value - there![index]!), 0) / here!.length;
    // processors round in their own ways
    expect([name, off < 1]).toEqual([name, true]);
  }
}, 300_000);

const shotOf = (name: string) => join(root, `out/docs/site${name}.png`);
const pixels = async (picture: Buffer) => await sharp(picture).removeAlpha().raw().toBuffer();

/** What an automatic check finds wrong for people who see, hear or move otherwise. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const tool = (globalThis as unknown as { axe: typeof axe }).axe;
    const found = await tool.run({ resultTypes: ['violations'] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  });
}
