import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScript } from '@heurist/test-servers/commands';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'fresh-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const loader = new URL('../src/workflows/fresh-modules.ts', import.meta.url).href;

test('a module and what it imports by paths are loaded anew, packages are not; a broken one names what it has read', async () => {
  mkdirSync(join(folder, 'node_modules/counted'), { recursive: true });
  const files: Record<string, string> = {
    'node_modules/counted/package.json': '{ "type": "module", "exports": "./index.js" }',
    'node_modules/counted/index.js':
      'globalThis.loads = (globalThis.loads ?? 0) + 1; export const loads = globalThis.loads;',
    'package.json': '{ "type": "module" }',
    'definition.ts': `
      import { loads } from 'counted';
      import graph from './graph.json' with { type: 'json' };
      import { part } from './part.ts';
      export const definitions: unknown[] = [graph.width, part, loads];`,
    'part.ts': "export const part: string = 'first';",
    'graph.json': '{ "width": 8 }',
    'main.ts': `
      import { writeFileSync } from 'node:fs';
      import { importFresh } from ${JSON.stringify(loader)};
      const url = new URL('definition.ts', import.meta.url).href;
      const load = async () => {
        const files = new Set<string>();
        const found = await importFresh(url, files).then(({ definitions }) => definitions, ({ name }) => name);
        console.log(JSON.stringify([found, Array.from(files, (path) => path.split('/').at(-1)).sort()]));
      };
      const write = (name: string, text: string) => writeFileSync(new URL(name, import.meta.url), text);
      await load();
      write('graph.json', '{ "width": 16 }');
      write('part.ts', "export const part: string = 'second';");
      await load();
      write('part.ts', 'export const part: = ;');
      await load();
      write('part.ts', "export const part = 'third';");
      await load();`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { code, stdout, stderr } = await startScript(join(folder, 'main.ts'), [], { cwd: folder }).ended;
  expect([code, stderr]).toEqual([0, '']);
  const all = ['definition.ts', 'graph.json', 'part.ts'];
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    [[8, 'first', 1], all],
    [[16, 'second', 1], all],
    ['SyntaxError', all],
    [[16, 'third', 1], all],
  ]);
});
