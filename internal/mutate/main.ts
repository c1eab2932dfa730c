// `npm run mutate -- PACKAGE [--seed TEXT] [--sample N] [--files GLOB]`: changes the sources in small ways, one at a time, and
// counts which of them the package's tests notice. Survivors are listed: each is a rule without a test, or a change that
// makes no difference.
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { MutantResult } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { targets } from './targets.ts';

const WANTED_PERCENT = 85;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, sample: { type: 'string', default: '300' }, files: { type: 'string' } },
});
const [name = ''] = positionals;
const target = targets[name];
if (!target) {
  console.error(`Usage: npm run mutate -- PACKAGE, with PACKAGE one of ${Object.keys(targets).join(', ')}`);
  process.exit(1);
}
const seed = values.seed ?? randomBytes(4).toString('hex');
const within = (glob: string) =>
  glob.startsWith('!') ? `!${target.folder}/${glob.slice(1)}` : `${target.folder}/${glob}`;
const plugin = (specifier: string) => fileURLToPath(import.meta.resolve(specifier));

console.log(`Mutating ${name}: a sample of ${values.sample}, seed ${seed}`);
process.env.MUTATE = name;
const results = await new Stryker({
  mutate: (values.files ? [values.files, '!src/**/*.test.ts'] : target.mutate).map(within),
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutate.config.ts', related: false },
  plugins: [plugin('@stryker-mutator/vitest-runner'), plugin('./sample-checker.ts')],
  checkers: ['sample'],
  sample: { size: Number(values.sample), seed },
  coverageAnalysis: 'perTest',
  // a mutant that runs only while a module loads would need the whole suite for itself
  ignoreStatic: true,
  concurrency: 2,
  timeoutMS: 20_000,
  allowConsoleColors: false,
  reporters: ['progress-append-only'],
  tempDirName: '.stryker-tmp',
  ignorePatterns: ['out', 'docs', '.changeset', '.heurist', 'internal/train-tiny', '**/dist', '**/.pack', '**/.turbo'],
  disableTypeChecks: false,
  warnings: false,
}).runMutationTest();

const of = (...statuses: MutantResult['status'][]) => results.filter(({ status }) => statuses.includes(status));
const killed = of('Killed', 'Timeout');
const survived = of('Survived');
const unreached = of('NoCoverage');
for (const { fileName, location, mutatorName, replacement } of survived)
  console.log(
    `survived  ${fileName.replace(/^.*?packages\//, 'packages/')}:${location.start.line}  ${mutatorName}  ${replacement.replaceAll(/\s+/g, ' ').slice(0, 100)}`,
  );
for (const { fileName, location } of unreached)
  console.log(`unreached ${fileName.replace(/^.*?packages\//, 'packages/')}:${location.start.line}`);
const percent = (100 * killed.length) / (killed.length + survived.length || 1);
console.log(
  `${name}, seed ${seed}: ${killed.length} killed, ${survived.length} survived, ${unreached.length} not reached by a test: ${percent.toFixed(1)} % of those reached (wanted: ${WANTED_PERCENT})`,
);
process.exit(percent >= WANTED_PERCENT ? 0 : 1);
