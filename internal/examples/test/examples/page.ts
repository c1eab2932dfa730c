import { join } from 'node:path';
import { Heurist } from '@heurist/core';
import type { App } from '@heurist/release/app';
import { launchBrowser } from '@heurist/test-servers/browser';
import { UpscalerTask } from '@heurist/upscaler';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { expect } from 'vitest';
import { root } from '../../src/check-examples.ts';
import type { Stage } from './stage.ts';

/** Opens the page of a server in a real browser. Resolves without doing anything where there is none. */
export async function withPage(url: string, use: (page: Page) => Promise<void>): Promise<void> {
  const browser = await launchBrowser();
  if (!browser) return;
  try {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('pageerror', ({ message }) => faults.push(message));
    await page.goto(url);
    await use(page);
    expect(faults).toEqual([]);
  } finally {
    await browser.close();
  }
}

/** Writes what is to be looked at. */
export const shoot = (page: Page, name: string) => page.screenshot({ path: join(root, `out/examples/${name}.png`) });

/** The width of a picture on the page, once it has been loaded. */
export async function widthOf(page: Page, alt: string): Promise<number> {
  const picture = page.getByAltText(alt);
  await picture.waitFor({ timeout: 60_000 });
  return await picture.evaluate(async (image: HTMLImageElement) => {
    await image.decode();
    return image.naturalWidth;
  });
}

/** Runs a server for as long as it is used, with the settings of the example. */
export async function withServer(app: App, words: string, line: string, use: () => Promise<void>): Promise<void> {
  const [command = '', ...args] = line.split(' ');
  const server = await app.begin(words, command, ...args);
  try {
    await use();
  } finally {
    await server.stop();
  }
}

/** Keeps the only miner of the network busy, so that whatever is submitted meanwhile waits. */
export async function whileBusy({ settings }: Stage, use: () => Promise<void>): Promise<void> {
  const { workflow } = new Heurist({ workflowURL: settings.HEURIST_WORKFLOW_URL, apiKey: settings.HEURIST_API_KEY });
  const image_url = await photo(512);
  const ids = await Promise.all([1, 2, 3].map(() => workflow.executeWorkflow(new UpscalerTask({ image_url }))));
  try {
    await use();
  } finally {
    await Promise.all(ids.map((id) => workflow.cancelTask(id)));
  }
}

/** A photo that takes a while to enlarge. */
export async function photo(width: number): Promise<Blob> {
  const noise = { type: 'gaussian', mean: 120, sigma: 40 } as const;
  const bytes = await sharp({ create: { width, height: width, channels: 3, background: '#888', noise } })
    .png()
    .toBuffer();
  return new Blob([Uint8Array.from(bytes)], { type: 'image/png' });
}
