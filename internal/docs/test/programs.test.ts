// Every `ts` and `js` block of every page compiles as a file of a strict project, as users have it, against the packages of
// this repository.
//
// The rule: a block is a whole program. One that goes on where the block before it ends says so, ```ts continued```, and is
// compiled together with it. There is no third kind: a block that the compiler should refuse says `@ts-expect-error`, as it
// would have to in an app.
import { afterAll, expect, test } from 'vitest';
import { createOwnWorkflow } from '../src/own-workflow.ts';
import { readPage, readPages } from '../src/pages.ts';
import { checkPrograms, type Program, programsOf } from '../src/programs.ts';

const pages = [...readPages().values()];
const programs = pages.flatMap(programsOf);
const own = await createOwnWorkflow();
afterAll(own.remove);
const problems = checkPrograms(programs, 'sources', own.packages);

test.each(programs)('$place compiles', ({ place }) => {
  expect(problems.get(place) ?? []).toEqual([]);
});

test('no program hides behind another spelling of its language', () => {
  const known = new Set(['ts', 'js', 'sh', 'yaml', 'json', 'text']);
  const fences = pages.flatMap((page) => page.fences);
  expect(fences.filter(({ language }) => !known.has(language)).map(({ place }) => place)).toEqual([]);
  const noted = fences.filter(({ language, note }) => language !== 'sh' && !['', 'continued'].includes(note));
  expect(noted.map(({ place, note }) => `${place} ${note}`)).toEqual([]);
});

test.each<[string, string, RegExp]>([
  [
    'an unknown name',
    "import { definition } from '@heurist/upscaler/definition';",
    /no exported member named 'definition'/,
  ],
  ['an unknown package', "import { x } from '@heurist/nowhere';", /Cannot find module/],
  ['a forgotten import', 'new Heurist();', /Cannot find name 'Heurist'/],
  ['an index that may be missing', "const [a] = ['x'].slice(); const b: string = a;", /not assignable/],
  [
    'an option that may be undefined',
    'const o: { key?: string } = { key: process.env.X };',
    /exactOptionalPropertyTypes/,
  ],
  ['a syntax error', 'const = 1;', /expected/],
  ['an error that does not come', '// @ts-expect-error\nconst a = 1;', /Unused '@ts-expect-error'/],
])('the check finds %s', (_, code, message) => {
  const program: Program = { place: 'test:1', language: 'ts', code };
  expect(checkPrograms([program]).get('test:1')?.join('\n')).toMatch(message);
});

test('a JavaScript program is checked too', () => {
  const program: Program = { place: 'test:1', language: 'js', code: "import { x } from '@heurist/core';\nx();" };
  expect(checkPrograms([program]).get('test:1')?.join('\n')).toMatch(/no exported member 'x'/);
});

test('the compiler is quoted with the line of the page', () => {
  const [program] = programsOf(
    readPage('a.md', 'Text\n\n```ts\nexport const a = 1;\n```\n\n```ts continued\na.b;\n```\n'),
  );
  expect(checkPrograms([program!]).get('a.md:3')).toEqual([expect.stringMatching(/^a\.md:8: Property 'b'/)]);
});

test('blocks that go on are one program, others are not', () => {
  const page = readPage(
    'a.md',
    '```ts\nconst a = 1;\n```\n\n```ts continued\na + 1;\n```\n\n- in a list\n  ```ts\n  const a = 2;\n  ```\n',
  );
  expect(programsOf(page)).toEqual([
    { place: 'a.md:1', language: 'ts', code: 'const a = 1;\na + 1;', lines: [2, 6] },
    { place: 'a.md:10', language: 'ts', code: 'const a = 2;', lines: [11] },
  ]);
  expect(() => programsOf(readPage('a.md', '```ts continued\na;\n```'))).toThrow(/nothing to continue/);
});
