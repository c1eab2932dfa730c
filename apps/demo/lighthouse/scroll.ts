import type { Browser } from 'playwright-core';

const MOST_MS = 50;
const COUNT = 5000;
/** Any picture does: what is measured is the page. */
const PICTURE = new URL('../public/samples/a-fox-on-a-blue-background-0.webp', import.meta.url).pathname;

/**
 * Scrolls through a gallery of 5000 pictures.
 *
 * @returns how long the longest task of the page's thread took, in milliseconds; 0 if none took 50 or more
 */
export async function longestTaskOfScrolling(browser: Browser, url: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await page.route('**/outputs/0', (route) => route.fulfill({ path: PICTURE, contentType: 'image/webp' }));
  await page.goto(`${url}/network`);
  await page.evaluate((count) => {
    const end = { status: 'finished', kind: 'image', width: 128, height: 128, count: 1 };
    const entry = { family: 'text2image', workflow_id: 'tiny', created_at: 0, end };
    const entries = Array.from({ length: count }, (_, index) => ({
      ...entry,
      task_id: `picture-${index}`,
      options: { prompt: `number ${index}`, seed: index },
    }));
    localStorage.setItem('heurist.tasks', JSON.stringify(entries));
  }, COUNT);
  await page.goto(`${url}/gallery`, { waitUntil: 'networkidle' });
  await page.evaluate(() => {
    const long: number[] = [];
    Object.assign(globalThis, { long });
    new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
  });
  await page.mouse.move(600, 400);
  for (let turn = 0; turn < 100; turn++) {
    await page.mouse.wheel(0, 700);
    // as a hand does, and not all at once
    await page.waitForTimeout(30);
  }
  const longest = await page.evaluate(() => Math.max(0, ...(globalThis as unknown as { long: number[] }).long));
  await page.close();
  return Math.round(longest);
}

/** What the gallery does not reach, in words. */
export const missedByScrolling = (longest: number): string[] =>
  longest <= MOST_MS
    ? []
    : [`a task of ${longest} ms while the gallery of ${COUNT} is scrolled, not ${MOST_MS} or less`];
