import type { App } from '@heurist/release/app';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { shoot, whileBusy, widthOf, withPage, withServer } from './page.ts';
import type { Stage } from './stage.ts';

export async function tryNextjs(stage: Stage): Promise<void> {
  const app = await stage.install('nextjs');
  const { settings, pagePort } = stage;
  app.set({ ...settings, PORT: `${pagePort}`, NEXT_TELEMETRY_DISABLED: '1' });
  const onPage = (use: (page: Page) => Promise<void>, line = 'npm start') =>
    withServer(app, 'Ready', line, () => withPage(`http://localhost:${pagePort}`, use));
  await onPage(develop, 'npm run dev');
  await app.line('npm run build');
  await onPage((page) => usePage(page, stage));
  app.set({ HEURIST_API_KEY: 'nobody#wrong' });
  await onPage((page) => expectSentence(page, /^This app is out of order\./));
  app.set({ ...settings, HEURIST_WORKFLOW_URL: 'http://127.0.0.1:1' });
  await onPage((page) => expectSentence(page, /cannot be reached/));
  await expectClosed(app, stage);
}

async function draw(page: Page): Promise<void> {
  await page.getByLabel('Prompt').fill('a green apple');
  await page.getByRole('button', { name: 'Draw' }).click();
}

/** The server of the first day, which compiles what is asked for: the page works, and has no error to show. */
async function develop(page: Page): Promise<void> {
  const preview = page.getByAltText('Preview').waitFor({ timeout: 60_000 });
  await draw(page);
  await preview;
  expect(await widthOf(page, 'The icon')).toBe(128);
  expect(await page.getByText(/^\d+ Issues?$/).count()).toBe(0);
}

async function usePage(page: Page, stage: Stage): Promise<void> {
  const preview = page.getByAltText('Preview').waitFor();
  await draw(page);
  await preview;
  await shoot(page, 'nextjs-preview');
  expect(await widthOf(page, 'The icon')).toBe(128);
  await page.getByRole('button', { name: 'Enlarge' }).click();
  await page.getByRole('button', { name: 'Enlarge' }).waitFor({ state: 'detached', timeout: 60_000 });
  expect(await widthOf(page, 'The icon')).toBe(512);
  await shoot(page, 'nextjs');
  await whileBusy(stage, async () => {
    await draw(page);
    await page.getByText(/Waiting, \d+ tasks ahead/).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Canceled.').waitFor();
  });
}

async function expectSentence(page: Page, sentence: RegExp): Promise<void> {
  await draw(page);
  await expect.poll(() => page.getByRole('status').first().textContent(), { timeout: 30_000 }).toMatch(sentence);
}

/** Who has no cookie of the page gets no session. */
async function expectClosed(app: App, { settings, pagePort }: Stage): Promise<void> {
  app.set({ ...settings });
  await withServer(app, 'Ready', 'npm start', async () => {
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(`http://localhost:${pagePort}/api/heurist/session_create`, { method: 'POST', headers });
    expect([reply.status, (await reply.json()).code]).toEqual([401, 'unauthorized']);
  });
}
