import type { Browser } from 'playwright-core';
import { untilPicturesShow } from '../test/visitor.ts';

const MOST_MS = 50;
const COUNT = 5000;
/** Any picture does: what is measured is the page. */
const PICTURE = new URL('../public/samples/a-fox-on-a-blue-background-0.webp', import.meta.url).pathname;

/** The longest tasks of the page's thread, in milliseconds. */
export interface LongestTasks {
  /** By the clock; 0 if none took 50 or more. On a busy machine most of it is waiting for a core. */
  taken: number;
  /** On a core. */
  worked: number;
}

/** Scrolls through a gallery of 5000 pictures. */
export async function longestTasksOfScrolling(browser: Browser, url: string): Promise<LongestTasks> {
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
  await page.goto(`${url}/gallery`);
  await page.locator('article img').first().waitFor();
  await untilPicturesShow(page);
  // what begins with the page has ended
  await page.waitForTimeout(1000);
  await page.evaluate(() => {
    const long: number[] = [];
    Object.assign(globalThis, { long });
    new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
  });
  await browser.startTracing(page, { categories: ['toplevel'] });
  await page.mouse.move(600, 400);
  for (let turn = 0; turn < 100; turn++) {
    await page.mouse.wheel(0, 700);
    // as a hand does, and not all at once
    await page.waitForTimeout(30);
  }
  const worked = longestWorkIn(JSON.parse(String(await browser.stopTracing())));
  const taken = await page.evaluate(() => Math.max(0, ...(globalThis as unknown as { long: number[] }).long));
  await page.close();
  return { taken: Math.round(taken), worked: Math.round(worked) };
}

/** A trace of the browser, as far as it is read. Times are in microseconds. */
export interface Trace {
  traceEvents: { name: string; pid: number; tid: number; args?: { name?: string }; tdur?: number }[];
}

/**
 * The most that one task of a page's thread worked, in milliseconds.
 *
 * @throws {Error} if the trace says nothing about such tasks
 */
export function longestWorkIn({ traceEvents }: Trace): number {
  const threadOf = ({ pid, tid }: { pid: number; tid: number }) => `${pid}/${tid}`;
  const pages = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const threads = new Set(pages.map(threadOf));
  const tasks = traceEvents.filter((event) => event.name.endsWith('RunTask') && threads.has(threadOf(event)));
  if (!tasks.length) throw new Error('The trace has no task of a page.');
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
}

/** What the gallery does not reach, in words. */
export const missedByScrolling = ({ taken, worked }: LongestTasks): string[] =>
  taken <= MOST_MS
    ? []
    : [
        `a task of ${taken} ms while the gallery of ${COUNT} is scrolled, not ${MOST_MS} or less (on a core: ${worked} ms at most)`,
      ];
