// Every `sh` block of every page is run or read by what it calls.
//
// The rule: each line is a command that is checked here: `heurist`, however it is called, reads its arguments; packages that
// `npm install` names and scripts that `npm run` names exist. What the first screen of the README says is run by
// internal/release, and what makes something by internal/packed. A block that cannot be checked says why after its language,
// ```sh not run: needs Docker```; its `heurist` lines are read all the same.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manifests, problemsOf, type Surroundings } from '../src/check-command.ts';
import { commandsOf } from '../src/commands.ts';
import { unknownIn } from '../src/heurist.ts';
import { isMarked, missingOn } from '../src/installs.ts';
import { readPage, readPages, root } from '../src/pages.ts';

const pages = [...readPages().values()];
const fences = pages.flatMap((page) => page.fences.filter(({ language }) => language === 'sh'));

/** What commands find where they are run: on the page of an example, its own scripts. */
function around(place: string): Surroundings | undefined {
  const [folder] = /^examples\/[\w-]+(?=\/)/.exec(place) ?? [];
  return folder ? { scripts: JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).scripts } : undefined;
}

test.each(fences.filter((fence) => !isMarked(fence)))('$place: its commands exist', async (fence) => {
  expect(await problemsOf(fence.code, around(fence.place))).toEqual([]);
});

test.each(fences.filter(isMarked))(
  '$place: is marked because it must be, and what it says of heurist holds',
  async (fence) => {
    const problems = await problemsOf(fence.code).catch(({ message }) => [message]);
    expect(problems.length, 'all of it can be checked: take the mark away').toBeGreaterThan(0);
    const lines = fence.code.split('\n').filter((line) => line.startsWith('heurist '));
    expect(lines.flatMap(unknownIn)).toEqual([]);
  },
);

test('a mark is a reason', () => {
  expect(fences.filter((fence) => fence.note && !/^not run: \w.{5,}/.test(fence.note))).toEqual([]);
});

const npmSpans = pages.flatMap(({ spans }) =>
  spans.filter(({ text }) => /^npm (?:run|start|test|install) ?/.test(text)),
);

test.each(npmSpans)('$place: `$text`', async ({ place, text }) => {
  expect(await problemsOf(text.replaceAll(/<\w+>/g, 'NAME'), around(place))).toEqual([]);
});

/** Commands within sentences and tables. */
const named = pages.flatMap(({ spans }) =>
  spans.flatMap(({ place, text }) => {
    const [, synopsis] = /^(?:npx (?:--yes )?@heurist\/cli|heurist) (.*)$/s.exec(text) ?? [];
    return synopsis ? [{ place, synopsis: `heurist ${synopsis}` }] : [];
  }),
);

test.each(named)('$place: `$synopsis`', ({ synopsis }) => {
  expect(unknownIn(synopsis)).toEqual([]);
});

test.each(pages.filter(({ path }) => !path.startsWith('internal/')))('$path says to install what it uses', (page) => {
  expect(missingOn(page)).toEqual([]);
});

const withDependencies = (manifest: { name: string; dependencies?: object }) => [
  manifest.name,
  ...Object.keys(manifest.dependencies ?? {}),
];

test.each(manifests.map(({ name, repository }) => ({ name, directory: repository.directory })))(
  'the page of $name begins with how to get it',
  ({ name, directory }) => {
    const { fences } = pages.find(({ path }) => path === `${directory}/README.md`)!;
    const [[tool, ...named] = [], ...more] = commandsOf(fences[0]?.language === 'sh' ? fences[0].code : '');
    const brought = manifests.filter((manifest) => named.includes(manifest.name)).flatMap(withDependencies);
    expect(brought, 'the first block installs it').toContain(name);
    expect(tool === 'npx' || more.length + fences.length > 1, 'a shortest program follows').toBe(true);
  },
);

test.each<[string, string, RegExp | undefined]>([
  ['an unknown option', 'heurist run upscaler --image a.png --imagee b.png', /unknown option/],
  ['an unknown workflow', 'npx @heurist/cli run upscale --image a.png', /unknown/i],
  ['an unknown command', 'heurist miners', /unknown command/],
  ['an option of another command', 'npx @heurist/dev --comfyui http://a', /unknown option/],
  ['too many arguments', 'npm run heurist -- status all', /too many arguments/],
  ['a number that is none', 'heurist sequencer --port http', /port/],
  ['a package that is not there', 'npm install @heurist/cores', /not a package of ours/],
  ['a script that is not there', 'npm run demos', /no script "demos"/],
  ['a benchmark that is not there', 'npm run bench -- waiting', /no such benchmark/],
  ['an option of chaos that is not there', 'npm run chaos -- --task 3', /chaos has no --task/],
  ['a command that it does not know', 'docker compose up', /is not checked/],
  ['nothing, if nothing is wrong', 'cd x && A=1 heurist run upscaler --image a.png # --wrong\nnpm start', undefined],
])('the check finds %s', async (_, code, message) => {
  const [problem] = await problemsOf(code);
  if (message) expect(problem).toMatch(message);
  else expect(problem).toBeUndefined();
});

test('the check finds what a sentence gets wrong, and what a page does not install', () => {
  expect(unknownIn('heurist run <workflow> [--parameter value ...] [--outt DIR]')).toContain('heurist run: --outt');
  expect(unknownIn('heurist miner setups WORKFLOW')).toEqual(['heurist miner: setups']);
  expect(
    missingOn(readPage('a.md', "```ts\nimport 'zod/mini';\nimport { x } from '@heurist/core/node';\n```")),
  ).toEqual(['zod', '@heurist/core']);
  expect(missingOn(readPage('a.md', '```sh\nheurist run upscaler --image a --local\n```'))).toEqual([
    '@heurist/cli',
    '@heurist/dev',
  ]);
});
