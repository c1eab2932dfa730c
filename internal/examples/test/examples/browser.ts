import { freePort } from '@heurist/test-servers/free-port';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { photo, shoot, whileBusy, widthOf, withPage, withServer } from './page.ts';
import { expectSentences } from './program.ts';
import type { Stage } from './stage.ts';

export async function tryBrowser(stage: Stage): Promise<void> {
  const app = await stage.install('browser');
  await app.line('npm run typecheck');
  await app.line('npm run build');
  const PORT = `${await freePort()}`;
  const url = `http://127.0.0.1:${PORT}`;
  app.set({ ...stage.settings, PORT });
  await withServer(app, 'Open http', 'node server.ts', () => withPage(url, (page) => usePage(page, stage)));
  expect(await (await fetch(url).catch(() => undefined))?.text()).toBeUndefined();
  await expectSentences(app, 'node server.ts', stage);
}

async function usePage(page: Page, stage: Stage): Promise<void> {
  const status = page.getByRole('status');
  const send = async (width: number) => {
    const buffer = Buffer.from(await (await photo(width)).arrayBuffer());
    await page.getByLabel('Photo').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer });
    await page.getByRole('button', { name: 'Enlarge' }).click();
  };
  await send(64);
  expect(await widthOf(page, 'Result')).toBe(256);
  expect(await status.textContent()).toBe('256 x 256 pixels');
  await shoot(page, 'browser');
  await whileBusy(stage, async () => {
    await send(65);
    await page.getByText(/Waiting, \d+ tasks ahead/).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Canceled.').waitFor();
  });
  // the visitor is told what is wrong with a file
  await page
    .getByLabel('Photo')
    .setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await page.getByRole('button', { name: 'Enlarge' }).click();
  await page.getByText('The file is not an image').waitFor();
}
