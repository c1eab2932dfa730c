// The walk of somebody who makes a picture and takes it along: prompt, picture, painted mask, upscale. The program is copied from the page
// and run in an empty folder, with what is published. Pictures of each station: `out/demo/walk-*.png`.
import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { launchBrowser } from '@heurist/test-servers/browser';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Studio, startStudio } from './studio.ts';
import { titleOf, Visitor } from './visitor.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');
const browser: Browser | undefined = await launchBrowser();
let studio: Studio;
const folders: string[] = [];
beforeAll(async () => {
  if (browser) studio = await startStudio({ tasks: 1000, files: 1000 });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await studio?.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The tarball of a package, which `npm test` makes before. */
function tarballOf(name: string): string {
  const [path] = globSync(`packages/{,*/}${name.replace('@heurist/', '')}/.pack/package.tgz`, { cwd: root });
  if (!path) throw new Error(`${name} is not packed: run \`turbo run pkgcheck\` first.`);
  return join(root, path);
}

/** What somebody does with the program: saves it with its files in an empty folder, installs what its first line says, and runs it. */
async function runInEmptyFolder(page: Page): Promise<{ folder: string; said: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'walk-'));
  folders.push(folder);
  for (const link of await page.getByRole('link', { name: /^Save / }).all()) {
    const [file] = await Promise.all([page.waitForEvent('download'), link.click()]);
    await file.saveAs(join(folder, file.suggestedFilename()));
  }
  const program = await page.evaluate(() => navigator.clipboard.readText());
  writeFileSync(join(folder, 'program.mts'), program);
  const [, packages = ''] = /^\/\/ npm install (.*)$/m.exec(program) ?? [];
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages.split(' ').map(tarballOf)];
  await run('npm', args, { cwd: folder });
  const env = { PATH: process.env.PATH, HEURIST_API_KEY: studio.network.apiKey };
  const { stdout, stderr } = await run(process.execPath, ['program.mts'], { cwd: folder, env, timeout: 60_000 });
  expect(stderr).toBe('');
  return { folder, said: stdout.trim() };
}

/** A picture of what was typed and what came of it. */
async function shootTerminal(visitor: Visitor, name: string, folder: string, said: string): Promise<void> {
  const program = readFileSync(join(folder, 'program.mts'), 'utf8');
  const made = readFileSync(join(folder, said)).toString('base64');
  const files = readdirSync(folder).filter((file) => /^[^.]+\.(png|mts)$/.test(file));
  const lines = ['$ ls', files.join('  '), '$ cat program.mts', program.trim(), '$ node program.mts', said];
  await visitor.page.goto('about:blank');
  await visitor.page.setContent('<pre></pre><img>');
  await visitor.page.evaluate(
    ([text, bytes]) => {
      document.body.style.cssText =
        'margin: 32px; background: #131318; color: #f0f0f4; display: flex; align-items: start; gap: 32px';
      document.querySelector('pre')!.textContent = text!;
      document.querySelector('pre')!.style.cssText = 'flex: 1; white-space: pre-wrap; font-size: 13px';
      document.querySelector('img')!.src = `data:image/png;base64,${bytes}`;
    },
    [lines.join('\n'), made],
  );
  await visitor.shoot(name);
}

async function paintMask(page: Page): Promise<void> {
  const canvas = page.getByRole('application', { name: /^Mask/ });
  await canvas.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await canvas.boundingBox())!;
  await page.mouse.move(x + width * 0.2, y + height * 0.2);
  await page.mouse.down();
  // line by line, there and back
  for (let line = 0; line < 7; line++) {
    const down = y + height * (0.2 + line * 0.1);
    for (const right of line % 2 ? [0.8, 0.2] : [0.2, 0.8])
      await page.mouse.move(x + width * right, down, { steps: 3 });
  }
  await page.mouse.up();
  await page.getByText('Mask saved.').waitFor();
}

async function arrive(path: string): Promise<Visitor> {
  const visitor = await Visitor.arrive(browser!);
  await visitor.page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: studio.url });
  await visitor.page.setViewportSize({ width: 1440, height: 900 });
  await visitor.open(studio.url + path);
  return visitor;
}

describe.skipIf(!browser)('taken along', () => {
  test('prompt, picture, inpaint, upscale: the program makes the same picture in an empty folder', async () => {
    const visitor = await arrive('/');
    const { page } = visitor;
    await visitor.field('Prompt').fill('a castle on a pink background');
    await visitor.shoot('walk-1-prompt');
    await visitor.showsAnother(() => page.keyboard.press('Control+Enter'));
    await visitor.until('finished');
    await visitor.shoot('walk-2-picture');
    await visitor.choose(titleOf('inpaint'));
    await visitor.field('Prompt').fill('red heart on a pink background');
    await paintMask(page);
    await visitor.shoot('walk-3-mask');
    await visitor.generate();
    await visitor.until('finished');
    await visitor.shoot('walk-4-inpainted');
    await visitor.showsAnother(() => visitor.button('Upscale', visitor.newest).click());
    await visitor.until('finished');
    await visitor.shoot('walk-5-upscaled');
    const made = await visitor.download(visitor.newest);

    await visitor.choose('Copy as TypeScript');
    await page.getByRole('dialog').getByText('It needs one file in its folder').waitFor();
    expect(await visitor.violations()).toEqual([]);
    await visitor.shoot('walk-6-program');
    const { folder, said } = await runInEmptyFolder(page);
    expect(existsSync(join(folder, 'mask.png'))).toBe(true);
    expect(said).toBe('upscaler.png');
    expect(readFileSync(join(folder, said)).equals(made)).toBe(true);
    await shootTerminal(visitor, 'walk-7-run', folder, said);
    await visitor.leave();
    expect(visitor.complaints).toEqual([]);
  }, 240_000);

  test('a chain from an example: it waits for its mask, goes on, and its program makes the same picture', async () => {
    const visitor = await arrive('/chains');
    const { page } = visitor;
    await page.getByRole('button', { name: /^Draw, repaint a part, upscale/ }).click();
    await page.getByText('Step 2, Inpaint, waits for you').waitFor({ timeout: 60_000 });
    await visitor.shoot('walk-chain-1-waits');
    await paintMask(page);
    await visitor.shoot('walk-chain-2-mask');
    await visitor.button('Go on with step 2').click();
    await page.getByText('All 3 steps have finished.').waitFor({ timeout: 60_000 });
    await visitor.shoot('walk-chain-3-finished');
    const last = await page.getByRole('link', { name: 'Open the result' }).getAttribute('href');
    const made = await (await fetch(`${studio.url}/api${last}/outputs/0`)).arrayBuffer();

    await visitor.button('Copy program').click();
    await visitor.button('Copy code').click();
    await visitor.button('Code copied').waitFor();
    await visitor.shoot('walk-chain-4-program');
    const { folder, said } = await runInEmptyFolder(page);
    expect(readFileSync(join(folder, said)).equals(Buffer.from(made))).toBe(true);
    await shootTerminal(visitor, 'walk-chain-5-run', folder, said);
    await visitor.leave();
    expect(visitor.complaints).toEqual([]);
  }, 240_000);
});
