// The commands that CONTRIBUTING.md and AGENTS.md name, and how each is run by a test.

import { commandsOf } from './commands.ts';
import type { Fence, Mention, Page } from './pages.ts';

/** Pages whose every command is run. */
export const CONTRIBUTOR_PAGES = ['CONTRIBUTING.md', 'AGENTS.md'];

/** How a test runs a command. */
export type Proof =
  /** To its end, in a scratch clone. `as`: a shorter form that really starts it. */
  | { prints: RegExp; as?: string; fails?: true; leaves?: 'nothing' }
  /** Until it prints this; then it is ended. */
  | { until: RegExp; as?: string }
  /** It takes minutes: this file runs it for real, by this text. */
  | { suite: string; by: string }
  /** Named in order not to be run. */
  | { never: string };

const listed = (as: string, prints: RegExp): Proof => ({ as: `vitest list ${as}`, prints });
const benchmark = (name: string): Proof => ({
  as: 'npm run bench',
  fails: true,
  prints: new RegExp(`NAME one of .*\\b${name}\\b`),
});
const verified = (by: string): Proof => ({ suite: 'scripts/verify.mjs', by });

/** By command, as the pages spell it. */
export const proofs: Readonly<Record<string, Proof>> = {
  'npm run check': { prints: /^\d+ passed, 0 failed$/m },
  'npm test': { suite: '.ci/run', by: 'npm test' },
  'npm run test:all': { suite: '.github/workflows/nightly.yml', by: 'npm run test:all' },
  'npm start': { prints: /\.png/ },
  'npm start -- FILE or WORDS': { as: 'npm start -- a red apple', prints: /\.png/ },
  'npm run demo': { until: /http:\/\/(127\.0\.0\.1|localhost):\d+/ },
  // the walk needs the packages packed, which other tests do
  'npm run demo -- pictures': { as: 'npm run demo -- pictures network', prints: /network\.webp: \d+ bytes/ },
  'npm run mutate -- core': { as: 'npm run mutate', fails: true, prints: /PACKAGE one of .*\bcore\b/ },
  'npm run bench -- wait': benchmark('wait'),
  'npm run bench -- contact-sheet': benchmark('contact-sheet'),
  'npm run bench -- bundle': benchmark('bundle'),
  'npm run bench -- sizes': benchmark('sizes'),
  'npm run bench -- faults': benchmark('faults'),
  'npm run chaos -- --tasks 300 --seed 1': {
    as: 'npm run chaos -- --tasks 300 --seed 1 --help',
    prints: /--seed NUMBER/,
  },
  'npm run readme': { prints: /passed/, leaves: 'nothing' },
  'npm run docs': { as: 'npm run docs -- --without-reference', prints: /build complete/ },
  'npm run docs -- serve': {
    as: 'npm run docs -- serve --without-reference',
    until: /served at http:\/\/localhost:4173/i,
  },
  'npm run docs -- pictures': { prints: /text2image\.webp: \d+ bytes/ },
  'npm run lighthouse': verified('apps/demo/lighthouse/main.ts'),
  'npm run lighthouse -- --write': verified('apps/demo/lighthouse/main.ts'),
  'npm run samples': { prints: /\d+ samples, \d+ kB/ },
  'COMFYUI_URL=... npm run pnpm -- run test:comfyui': {
    as: 'npm run pnpm -- exec vitest list --config vitest.live.config.ts comfyui',
    prints: /comfyui\.live\.ts/,
  },
  'npm run pnpm -- install': { prints: /Done in/ },
  'npm run pnpm -- exec biome check --write .': { prints: /Checked \d+ files/, leaves: 'nothing' },
  'node_modules/.bin/biome check --write .': { prints: /Checked \d+ files/, leaves: 'nothing' },
  'node_modules/.bin/vitest run --project core': {
    as: 'node_modules/.bin/vitest run --project core budget',
    prints: /passed/,
  },
  'npm run pnpm -- exec changeset add --empty': { prints: /Empty Changeset added/i },
  'npm run pnpm -- exec changeset': {
    as: 'npm run pnpm -- exec changeset add --empty',
    prints: /Empty Changeset added/i,
  },
  'npm run heurist -- dev': { as: 'npm run heurist -- dev --port 0', until: /http:\/\/(127\.0\.0\.1|localhost):\d+/ },
  'npm run release:rehearse': verified('internal/release/main.ts'),
  'npm run matrix -- [words]': verified('internal/matrix/main.ts'),
  'node --conditions=@heurist/source packages/cli/src/main.ts': {
    as: 'node --conditions=@heurist/source packages/cli/src/main.ts --version',
    prints: /^\d+\.\d+\.\d+/m,
  },
  'turbo boundaries': { prints: /no issues found/i },
  'vitest run --project packed public-names -u': listed('--project packed public-names', /public-names\.test\.ts/),
  'vitest run --project test-kit faults-page -u': {
    as: 'vitest run --project test-kit faults-page -u',
    prints: /passed/,
    leaves: 'nothing',
  },
  '--project packed': listed('--project packed', /packed/),
  '--project graph-plan find-labels': listed('--project graph-plan find-labels', /find-labels/),
  'npm run pnpm -- run release:version': { suite: 'internal/release/src/clone.ts', by: 'release:version' },
  'release:publish': { suite: '.github/workflows/release.yml', by: 'release:publish' },
  'npm publish': { never: 'the page warns of it' },
};

const COMMAND =
  /^(?:[A-Z_]+=\S+ )*(?:(?:npm|npx|pnpm|node|vitest|turbo|biome|changeset|node_modules\/\.bin\/\w+) |--project |release:\w+$|-- )/;

/** Every command that a page names, in blocks, sentences and tables. */
export function contributorCommands({ fences, spans }: Page): Mention[] {
  const found = fences.filter(({ language }) => language === 'sh').flatMap(commandsIn);
  let before = '';
  for (const { place, text } of spans) {
    const written = text.replaceAll(/\s+/g, ' ');
    if (!COMMAND.test(written)) continue;
    // "`npm run docs`, `-- serve`": the second goes on where the first ends
    const command = written.startsWith('-- ') ? `${before} ${written}` : written;
    if (command === written) before = command;
    found.push({ place, text: command });
  }
  return found;
}

/** The commands of a block, each with its own line. */
function commandsIn({ place, code }: Fence): Mention[] {
  const [, path, first] = /^(.*):(\d+)$/.exec(place)!;
  return code
    .split('\n')
    .flatMap((line, index) =>
      commandsOf(line).map((words) => ({ place: `${path}:${Number(first) + 1 + index}`, text: words.join(' ') })),
    );
}
