// CONTRIBUTING.md and AGENTS.md are true to the last line: src/contributor-commands.ts says of each command how it is run, and
// contributor-commands.slow.test.ts runs it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONTRIBUTOR_PAGES, contributorCommands, proofs } from '../src/contributor-commands.ts';
import { readPage, readPages, root } from '../src/pages.ts';

const pages = readPages();
const commands = CONTRIBUTOR_PAGES.flatMap((path) => contributorCommands(pages.get(path)!));

test('each command is run by a test', () => {
  const unproved = commands.filter(({ text }) => !(text in proofs));
  expect(unproved.map(({ place, text }) => `${place}: "${text}" has no row in src/contributor-commands.ts`)).toEqual(
    [],
  );
});

test('each row is of a command that a page names', () => {
  const named = new Set(commands.map(({ text }) => text));
  expect(Object.keys(proofs).filter((command) => !named.has(command))).toEqual([]);
});

const suites = Object.entries(proofs).flatMap(([command, proof]) => ('suite' in proof ? [{ command, ...proof }] : []));

test.each(suites)('$suite runs "$command"', ({ suite, by }) => {
  expect(readFileSync(join(root, suite), 'utf8')).toContain(by);
});

test('commands are found in blocks, sentences, tables and after a comma', () => {
  const page = readPage(
    'a.md',
    '```sh\nA=1 npm test # all\n```\nRun `turbo\nboundaries`, not `turbo.json`.\n\n| `npm run docs`, `-- serve` | `heurist` |\n| - | - |\n',
  );
  expect(contributorCommands(page)).toEqual([
    { place: 'a.md:2', text: 'npm test' },
    { place: 'a.md:4', text: 'turbo boundaries' },
    { place: 'a.md:7', text: 'npm run docs' },
    { place: 'a.md:7', text: 'npm run docs -- serve' },
  ]);
});
