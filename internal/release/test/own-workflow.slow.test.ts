// docs/your-own-workflow.md to the letter: an empty folder, plain npm, what is published, and a real Next app.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { launchBrowser } from '@heurist/test-servers/browser';
import { freePort } from '@heurist/test-servers/free-port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { App } from '../src/app.ts';
import { listPackages, publish } from '../src/packages.ts';
import { type Registry, startRegistry } from '../src/registry.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'own-'));
const page = readFileSync(join(root, 'docs/your-own-workflow.md'), 'utf8');
const fences = [...page.matchAll(/^```(\w+).*\n([\s\S]*?)^```/gm)].map(([, language, code]) => ({
  language,
  code: code!,
}));

/** The block of the page that begins so. */
function block(begin: string): string {
  const found = fences.filter(({ code }) => code.startsWith(begin));
  expect(
    found.map(({ code }) => code),
    begin,
  ).toHaveLength(1);
  return found[0]!.code.trim();
}
/** The program that the page shows for a file of the app. */
function program(path: string): string {
  const after = page.slice(page.indexOf(`\`${path}\``));
  return after.match(/^```\w+\n([\s\S]*?)^```/m)![1]!;
}

let registry: Registry;
let reader: App;
let nextApp: App;

beforeAll(async () => {
  registry = await startRegistry(folder);
  await publish(listPackages(root), registry);
  reader = new App(join(folder, 'reader'), registry);
  // folders that it makes have no settings of their own
  reader.set({ npm_config_registry: registry.url, NEXT_TELEMETRY_DISABLED: '1' });
}, 180_000);

afterAll(async () => {
  await nextApp?.stop();
  await reader?.stop();
  await registry?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const inPackage = (lines: string) => reader.run('sh', '-ec', `cd soft-glow\n${lines}`);
const made = (path: string) => join(reader.folder, 'soft-glow', path);

test('1. Create the package', async () => {
  await reader.line(block('npm install @heurist/cli @heurist/dev'));
  copyFileSync(join(root, 'docs/your-own-workflow/soft-glow.json'), join(reader.folder, 'soft-glow.json'));
  const printed = await reader.run('sh', '-ec', block('npx heurist workflow create'));
  expect(printed).toMatch(/image_url +\S+ \(LoadImage\); required.*fail 0/s);
  for (const path of ['README.md', 'graph.svg', 'src/definition.ts', 'test-inputs/picture.png', 'dist/index.js'])
    expect(existsSync(made(path)), path).toBe(true);
}, 240_000);

test('2. Try it', async () => {
  const dev = `cd soft-glow && exec ${block('npx heurist dev --workflow .')} --port 0`;
  const printed = await reader.start('Stop it', 'sh', '-c', dev);
  const lines = printed.match(/^HEURIST_\w+=.*$/gm) ?? [];
  expect(lines).toHaveLength(2);
  reader.write('.env.local', lines.join('\n'));
  writeFileSync(made('.env'), lines.join('\n'));
  const saved = (await inPackage(block('npx heurist run soft-glow'))).trim();
  expect(existsSync(made(saved))).toBe(true);
}, 120_000);

test('3. Test what it makes', async () => {
  writeFileSync(made('workflow-tests.json'), block('{\n  "$schema"'));
  const printed = await inPackage(block('npx heurist workflow test --update'));
  expect(printed.match(/^ok {3}makes a card \(1 png 640x480; /gm)).toHaveLength(2);
  expect(existsSync(made('expected/card.png'))).toBe(true);
  expect(readFileSync(made('reports/junit.xml'), 'utf8')).toContain('tests="1" failures="0"');
}, 120_000);

test('4. Call it from a Next page', async () => {
  nextApp = new App(join(reader.folder, 'next-app'), registry);
  // the app that the reader has
  nextApp.set({ NEXT_TELEMETRY_DISABLED: '1' });
  await nextApp.line('npm install next@16 react@19 react-dom@19 typescript@5 @types/node@24 @types/react@19');
  place('app/layout.tsx', LAYOUT);
  await nextApp.line(block('npm install @heurist/core @heurist/server'));
  nextApp.write('.env.local', reader.read('.env.local'));
  for (const path of ['app/api/heurist/[...call]/route.ts', 'app/make-card.ts', 'app/page.tsx'])
    place(path, program(path));
  await nextApp.line('npx next build');
  const port = await freePort();
  await nextApp.start('Ready', 'npx', 'next', 'start', '--port', `${port}`);
  expect(await makeCard(`http://localhost:${port}`, made('test-inputs/picture.png'))).toEqual({
    width: 640,
    height: 480,
  });
}, 300_000);

const LAYOUT = `export default function Layout({ children }: { children: React.ReactNode }) {
  return <html lang="en"><body>{children}</body></html>;
}
`;

function place(path: string, content: string): void {
  mkdirSync(dirname(join(nextApp.folder, path)), { recursive: true });
  nextApp.write(path, content);
}

/** What a person does on the page. Returns the size of the card that is shown. */
async function makeCard(url: string, photo: string): Promise<{ width: number; height: number }> {
  const browser = await launchBrowser();
  if (!browser) throw new Error('There is no browser: set CHROMIUM_PATH to a Chromium.');
  try {
    const tab = await browser.newPage();
    await tab.goto(url, { waitUntil: 'networkidle' });
    await tab.getByLabel('Photo').setInputFiles(photo);
    const card = tab.getByAltText('Your card').or(tab.getByRole('alert').filter({ hasText: /\w/ }));
    await card.first().waitFor({ timeout: 60_000 });
    if ((await tab.getByAltText('Your card').count()) === 0) throw new Error((await card.first().textContent())!);
    return await tab.getByAltText('Your card').evaluate(async (image) => {
      const picture = image as unknown as { decode(): Promise<void>; naturalWidth: number; naturalHeight: number };
      await picture.decode();
      return { width: picture.naturalWidth, height: picture.naturalHeight };
    });
  } finally {
    await browser.close();
  }
}
