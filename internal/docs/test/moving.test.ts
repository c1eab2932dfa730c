// Guides for those who come from another client name what that client has: each name in the left column of the table is in a program
// of the page, which compiles against the client itself.
import { expect, test } from 'vitest';
import { readPages } from '../src/pages.ts';

const pages = readPages();

/** Names of a program, without its texts. */
const namesIn = (code: string) => code.replaceAll(/'[^']*'/g, '').match(/[A-Za-z]\w+/g) ?? [];

test.each([
  ['docs/guides/from-fal.md', '@fal-ai/client'],
  ['docs/guides/from-replicate.md', 'replicate'],
])('%s names nothing that %s does not have', (path, client) => {
  const { text, fences } = pages.get(path)!;
  const used = new Set(
    fences.filter(({ code }) => code.includes(`from '${client}'`)).flatMap(({ code }) => namesIn(code)),
  );
  const missing = text.split('\n').flatMap((line, index) => {
    const cell = /^\| ([^|]+)\|/.exec(line)?.[1] ?? '';
    const named = [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!).filter((code) => !code.startsWith('@'));
    return named
      .flatMap(namesIn)
      .filter((name) => !used.has(name))
      .map((name) => `${path}:${index + 1}: ${name}`);
  });
  expect(missing).toEqual([]);
  expect(used.size).toBeGreaterThan(20);
});
