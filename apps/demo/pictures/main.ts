// `npm run demo -- pictures`: takes the pictures of the documentation anew, from the real page on a local network. With names, only those:
// `npm run demo -- pictures home walk`. Looks for what is not accessible on every page that it takes, and writes the table of docs/studio.md.
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { launchBrowser } from '@heurist/test-servers/browser';
import { writeTable } from '@heurist/test-servers/page-figures';
import { startServer } from '../server/start-server.ts';
import { startStudio } from '../test/studio.ts';
import { Visitor } from '../test/visitor.ts';
import { Scene } from './scene.ts';
import { asWebp, MOST_BYTES, sheetOf } from './sheet.ts';
import { openPage, pagesOf, pictures, type ShownPage, type Stand, THEMES, WINDOWS } from './shots.ts';

const root = resolve(import.meta.dirname, '../../..');
const docs = join(root, 'docs');
const wanted = process.argv.slice(2);
const isWanted = (name: string) => !wanted.length || wanted.includes(name);

const browser = await launchBrowser();
if (!browser) process.exit(1);
const studio = await startStudio({ tasks: 1000, files: 1000 });
const { webDir, network } = studio;
const team = await startServer({ workflowURL: network.url, webDir, visitors: { by: 'key' } });
const faults: string[] = [];
try {
  const stand = await standAt(studio.url);
  const pages = pagesOf(stand);
  const names = [...Object.keys(pictures), ...Object.keys(pages), 'walk'];
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length) throw new Error(`There is no picture "${unknown.join('", "')}": use ${names.join(', ')}.`);
  const rows = [['page', ...THEMES.flatMap((theme) => WINDOWS.map(({ width }) => `${theme}, ${width}`))]];
  for (const [name, shown] of Object.entries(pages).filter(([one]) => isWanted(one)))
    rows.push([name, ...(await takeSheet(stand, name, shown))]);
  for (const [name, take] of Object.entries(pictures).filter(([one]) => isWanted(one)))
    await write(`demo-${name}`, await take(stand));
  if (isWanted('walk')) await writeWalk();
  if (rows.length > Object.keys(pages).length) writeTable('studio.md', 'axe', rows);
} finally {
  await browser.close();
  await team.close();
  await studio.close();
}
for (const fault of faults) console.error(fault);
process.exit(faults.length ? 1 : 0);

async function standAt(url: string): Promise<Stand> {
  const visitor = await Visitor.arrive(browser!);
  const scene = new Scene(url);
  const upscaled = await scene.fill();
  await visitor.open(`${url}/network`);
  await scene.remember(visitor.page);
  return { url, teamUrl: team.url, visitor, scene, upscaled };
}

/** A page in all widths and themes. Returns how much is wrong on each. */
async function takeSheet(stand: Stand, name: string, shown: ShownPage): Promise<string[]> {
  const { visitor } = stand;
  const counts: string[] = [];
  const rows: Buffer[][] = [];
  for (const colorScheme of THEMES) {
    const row: Buffer[] = [];
    for (const size of WINDOWS) {
      await visitor.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await visitor.page.setViewportSize(size);
      row.push(await (await openPage(stand, shown)).screenshot());
      const violations = await visitor.violations();
      counts.push(String(violations.length));
      faults.push(...violations.map((one) => `${name}, ${colorScheme}, ${size.width}: ${one}`));
    }
    rows.push(row);
  }
  await write(`studio/${name}`, await sheetOf(rows), MOST_BYTES.sheet);
  return counts;
}

/** What its slow test has taken: `walk-1-prompt.png` becomes `docs/studio/walk-1-prompt.webp`. */
async function writeWalk(): Promise<void> {
  const taken = globSync(join(root, 'out/demo/walk-[0-9]-*.png')).toSorted();
  if (!taken.length) throw new Error('out/demo has no pictures of the walk: its slow test takes them.');
  for (const path of taken) await write(`studio/${basename(path, '.png')}`, readFileSync(path));
}

async function write(name: string, picture: Buffer, mostBytes: number = MOST_BYTES.picture): Promise<void> {
  const bytes = await asWebp(picture, mostBytes);
  mkdirSync(join(docs, 'studio'), { recursive: true });
  writeFileSync(join(docs, `${name}.webp`), bytes);
  console.log(`${name}.webp: ${bytes.length} bytes`);
}
