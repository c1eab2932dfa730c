// The README that `workflow create` writes is a page as good as ours.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runHeurist } from '@heurist/cli';
import { runHere } from '@heurist/test-servers/commands';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problemsOf } from '../src/check-command.ts';
import { installedBy } from '../src/commands.ts';
import { missingOn } from '../src/installs.ts';
import { brokenLinks } from '../src/links.ts';
import { type Page, readPage, root } from '../src/pages.ts';
import { checkPrograms, programsOf } from '../src/programs.ts';

/** Below this package, whose node_modules it needs. */
const out = join(root, 'internal/docs/out');
mkdirSync(out, { recursive: true });
const folder = mkdtempSync(join(out, 'created-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Text, files, video, music, and a graph of many options. */
const graphs = [
  'text2image/src/graphs/sdxl',
  'text2image/src/graphs/flux-dev',
  'inpaint/src/graphs/sdxl-inpaint',
  'upscaler/src/graphs/upscaler',
  'image2video/src/graphs/wan2.2-i2v-14b',
  'text2audio/src/graphs/ace-step',
].map((path) => ({ path, name: `my-${path.split('/').at(-1)!.replaceAll('.', '-')}` }));

let pages: Map<string, Page>;
let problems: Map<string, string[]>;
const read = (name: string, file: string) => readFileSync(join(folder, name, file), 'utf8');

beforeAll(async () => {
  for (const { path, name } of graphs) {
    const graph = join(root, `packages/workflows/${path}.api.json`);
    const { code, stderr } = await runHere(() => runHeurist(['workflow', 'create', graph, '--name', name]), {
      cwd: folder,
    });
    expect([code, stderr]).toEqual([0, '']);
  }
  pages = new Map(graphs.map(({ name }) => [name, readPage(`${name}/README.md`, read(name, 'README.md'))]));
  const entries = graphs.map(({ name }) => [name, [join(folder, name, 'src/index.ts')]]);
  problems = checkPrograms([...pages.values()].flatMap(programsOf), 'sources', Object.fromEntries(entries));
}, 60_000);

describe.each(graphs)('the README of $name', ({ name }) => {
  test('has a program, which compiles in a strict project', () => {
    const programs = programsOf(pages.get(name)!);
    expect(programs.length).toBeGreaterThan(0);
    for (const { place } of programs) expect(problems.get(place), place).toEqual([]);
  });

  test('begins with how to get it, and says to install all that it uses', () => {
    const page = pages.get(name)!;
    expect(page.fences[0]).toMatchObject({
      language: 'sh',
      code: expect.stringContaining(`npm install @heurist/core ${name}`),
    });
    expect(missingOn(page)).toEqual([]);
  });

  test('has commands that exist', async () => {
    const { scripts } = JSON.parse(read(name, 'package.json'));
    const { fences, spans } = pages.get(name)!;
    const commands = [...fences.filter(({ language }) => language === 'sh').map(({ code }) => code)];
    expect(commands.length).toBeGreaterThan(1);
    commands.push(...spans.map(({ text }) => text).filter((span) => /^(npm|npx|heurist) /.test(span)));
    for (const code of commands) expect(await problemsOf(code, { scripts, packages: [name, `./${name}`] })).toEqual([]);
  });

  test('has links that lead somewhere', () => {
    expect(brokenLinks(pages.get(name)!, pages, folder)).toEqual([]);
  });
});

test('the checks find what is wrong with such a page', async () => {
  const page = readPage('a/README.md', '```ts\nimport { X } from "my-sdxl";\n```\n[a](nowhere.md)\n');
  expect(
    checkPrograms(programsOf(page), 'sources', { 'my-sdxl': [join(folder, 'my-sdxl/src/index.ts')] }).get(
      page.fences[0]!.place,
    ),
  ).toEqual([expect.stringMatching(/has no exported member/)]);
  expect(brokenLinks(page, pages, folder)).toEqual(['a/README.md:4: nowhere.md: there is no such file']);
  expect(await problemsOf('npm run no-such', { scripts: { build: 'x' } })).toEqual(['there is no script "no-such"']);
  expect(installedBy(['npm', 'install', '@heurist/core', './my-sdxl'])).toEqual(['@heurist/core', './my-sdxl']);
});
