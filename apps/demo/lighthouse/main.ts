// `npm run lighthouse`: measures the built page on a local network with Lighthouse, as a phone, and scrolls through a large gallery.
// Prints a table, with `--write` into docs/studio.md too (which says that it is the median of five), and fails if a page misses a
// target. Times mean something on an idle machine only.
import { parseArgs } from 'node:util';
import { launchBrowser } from '@heurist/test-servers/browser';
import { freePort } from '@heurist/test-servers/free-port';
import { markdownTable, writeTable } from '@heurist/test-servers/page-figures';
import lighthouse from 'lighthouse';
import { startStudio } from '../test/studio.ts';
import { type Measurement, medianOf, missed, read, rowsOf } from './results.ts';
import { type LongestTasks, longestTasksOfScrolling, missedByScrolling } from './scroll.ts';

const PATHS = ['/', '/make/text2image', '/gallery', '/chains', '/network'];

const { values } = parseArgs({
  options: { write: { type: 'boolean', default: false }, runs: { type: 'string', default: '5' } },
});
const runsOfEach = Number(values.runs);
const port = await freePort();
const browser = await launchBrowser([`--remote-debugging-port=${port}`]);
if (!browser) process.exit(1);
const studio = await startStudio();
const measured: Record<string, Measurement> = {};
const faults: string[] = [];
try {
  for (const path of PATHS) {
    const runs: Measurement[] = [];
    while (runs.length < runsOfEach) runs.push(await measure(studio.url + path));
    measured[path] = medianOf(runs);
    faults.push(...missed(measured[path]).map((fault) => `${path}: ${fault}`));
  }
  const longest = await scroll(studio.url);
  faults.push(...missedByScrolling(longest));
  console.log(`\nMedian of ${runsOfEach}, as a phone:\n\n${markdownTable(rowsOf(measured))}\n`);
  if (values.write) writeTable('studio.md', 'lighthouse', rowsOf(measured));
  const { taken, worked } = longest;
  console.log(
    `A gallery of 5000, scrolled: the longest task took ${taken || 'less than 50'} ms, and worked ${worked} ms.`,
  );
  for (const fault of faults) console.error(`missed: ${fault}`);
} finally {
  await browser.close();
  await studio.close();
}
process.exit(faults.length ? 1 : 0);

/** In a browser of its own, which no measurement has slowed down. */
async function scroll(url: string): Promise<LongestTasks> {
  const fresh = await launchBrowser();
  if (!fresh) throw new Error('The browser does not start any more.');
  try {
    return await longestTasksOfScrolling(fresh, url);
  } finally {
    await fresh.close();
  }
}

async function measure(url: string): Promise<Measurement> {
  const result = await lighthouse(url, { port, output: 'json', logLevel: 'error' });
  if (!result) throw new Error(`Lighthouse did not measure ${url}.`);
  return read(result.lhr);
}
