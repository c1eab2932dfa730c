import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CommandError } from '../output/command-error.ts';
import { readTestFile } from './read-test-file.ts';
import { testFileJsonSchema } from './test-file-schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'test-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const path = join(folder, 'workflow-tests.json');
function read(content: unknown) {
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readTestFile(path);
}
function problemOf(content: unknown): string {
  try {
    read(content);
  } catch (error) {
    if (!CommandError.isInstance(error) || error.exitCode !== 2) throw error;
    expect(error.message.split('\n')).toHaveLength(1);
    return error.message.replace(`${path}: `, '');
  }
  return 'none';
}
const withTest = (test: object) => ({ tests: [{ name: 'a', expect: { count: 1 }, ...test }] });
const expecting = (expect: unknown) => withTest({ expect });

test('everything that a file may say', () => {
  const tests = [
    {
      name: 'draws a fox',
      workflow_id: 'my-flow',
      parameters: { prompt: 'a fox', image: 'fox.png' },
      timeout_seconds: 9.5,
      expect: {
        count: { min: 1, max: 4 },
        kind: ['png', 'video', 'text'],
        width: 512,
        height: { min: 256 },
        not_blank: true,
        like: { file: 'expected/fox.png', tolerance: 2.5 },
        media_seconds: { min: 1.9, max: 2.1 },
        run_seconds: { max: 60 },
        text_contains: ['fox', 'red'],
      },
    },
    { name: 'the least', expect: { count: 1 } },
  ];
  expect(read({ $schema: 'x', tests })).toEqual(tests);
});

test.each<[string, unknown, string]>([
  ['no JSON', '{', 'is not valid JSON (Expected property name'],
  ['nothing', '', 'is not valid JSON'],
  ['a list', [], 'the file must be an object (got [])'],
  ['no tests', {}, 'tests must be a list of tests (it is missing)'],
  ['an empty list', { tests: [] }, 'tests must be a list with at least one test (got [])'],
  ['no name', withTest({ name: '' }), 'tests[0].name must be text, and not empty (got "")'],
  ['no expectation', { tests: [{ name: 'a' }] }, 'tests[0].expect must be an object (it is missing)'],
  ['an empty one', expecting({}), 'tests[0].expect must be an object with at least one expectation (got {})'],
  ['a slip', expecting({ widht: 1 }), 'tests[0].expect has no field "widht"'],
  ['a width as text', expecting({ width: '512' }), 'tests[0].expect.width must be a whole number, or a range such as'],
  ['half a pixel', expecting({ width: 1.5 }), 'tests[0].expect.width must be a whole number, or a range such as'],
  ['an empty range', expecting({ width: {} }), 'tests[0].expect.width must be'],
  ['a range upside down', expecting({ run_seconds: { min: 2, max: 1 } }), 'min is not above its max (got {"min":2'],
  ['seconds to the point', expecting({ run_seconds: 2 }), 'tests[0].expect.run_seconds must be a'],
  ['another kind', expecting({ kind: 'jpg' }), 'tests[0].expect.kind must be one of png, jpeg, webp'],
  [
    'not_blank: false',
    expecting({ not_blank: false }),
    'tests[0].expect.not_blank must be true, or left out (got false)',
  ],
  ['no tolerance', expecting({ like: { file: 'a' } }), 'tests[0].expect.like.tolerance must be a number from 0 to 255'],
  ['no time', withTest({ timeout_seconds: 0 }), 'tests[0].timeout_seconds must be a number above 0 (got 0)'],
  [
    'a look at a video',
    expecting({ kind: 'mp4', not_blank: true }),
    'tests[0].expect.not_blank looks at pictures (png, jpeg, webp, gif, avif, svg), but kind is "mp4" (got true)',
  ],
  [
    'a video like a picture',
    expecting({ kind: ['video', 'text'], like: { file: 'a.png', tolerance: 1 } }),
    'tests[0].expect.like looks at pictures (png, jpeg, webp, gif, avif, svg), but kind is ["video","text"]',
  ],
  [
    'the same name twice',
    { tests: [withTest({}).tests[0], withTest({}).tests[0]] },
    'tests must be a list in which each name is there once',
  ],
  ['escape sequences', expecting({ kind: '\u001b[31mred' }), 'tests[0].expect.kind must be one of'],
])('%s: one line with the path of the field', (_, content, message) => {
  const problem = problemOf(content);
  expect(problem).toContain(message);
  expect(problem).not.toContain('\u001b');
});

test('several problems are told together', () => {
  expect(problemOf(withTest({ name: 1, timeout_seconds: -1 }))).toBe(
    'tests[0].name must be text, and not empty (got 1); tests[0].timeout_seconds must be a number above 0 (got -1).',
  );
});

test('a file that is not there', () => {
  expect(() => readTestFile(join(folder, 'absent.json'))).toThrow(/absent\.json: cannot be read \(ENOENT\)/);
});

test('the schema for editors is the one that checks', async () => {
  await expect(`${JSON.stringify(testFileJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../../workflow-tests.schema.json',
  );
});
