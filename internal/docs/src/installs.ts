import { commandsOf, heuristArguments, installedBy } from './commands.ts';
import type { Fence, Page } from './pages.ts';

/** Whether a block says why it is not run. */
export const isMarked = ({ note }: Fence) => note.startsWith('not run: ');

/** Everything that a page says to install, also within sentences. */
const installedOn = ({ fences, spans }: Page) =>
  [
    ...fences.filter(({ language }) => language === 'sh').map(({ code }) => code),
    ...spans.map(({ text }) => text).filter((span) => span.includes('npm install ')),
  ]
    .flatMap((code) => code.match(/npm install [^\n#&]+/g) ?? [])
    .flatMap((line) => installedBy(line.trim().split(/\s+/)) ?? [])
    // from a folder
    .map((name) => name.replace(/^\.\.?\//, ''));

/** What blocks need that the page does not say to install. */
export function missingOn(page: Page): string[] {
  const installed = new Set(installedOn(page));
  const needed = page.fences.flatMap((fence) => {
    if (fence.language !== 'sh')
      return [...fence.code.matchAll(/(?:from|import) '([^'.]+)'/g)].map(([, name]) => name!);
    if (isMarked(fence)) return [];
    const calls = commandsOf(fence.code);
    return calls.flatMap((words) => {
      const args = heuristArguments(words);
      const needsNetwork =
        args &&
        words[0] !== 'npm' &&
        words[1] !== '@heurist/dev' &&
        (args[0] === 'dev' || args.slice(0, 2).join(' ') === 'workflow test' || args.includes('--local'));
      const isInstalled = words[0] === 'heurist' || (words[0] === 'npx' && words[1] === 'heurist');
      return [...(isInstalled ? ['@heurist/cli'] : []), ...(needsNetwork ? ['@heurist/dev'] : [])];
    });
  });
  const packages = needed
    .filter((name) => !name.startsWith('node:'))
    .map((name) => name.match(/^(@[^/]+\/)?[^/]+/)![0]);
  return [...new Set(packages)].filter((name) => !installed.has(name));
}
