// `npm run matrix`: the packed packages on every runtime, framework and compiler, against a real network on this machine.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './src/cell.ts';
import { cells } from './src/cells/index.ts';
import { runCells } from './src/matrix.ts';
import { describeOutcome, PAGE, printPage, summarize } from './src/print.ts';
import { runProgram } from './src/processes.ts';
import { openStage } from './src/stage.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
});

if (values.help) {
  console.log(`Uses the packed packages everywhere: npm run matrix -- [options] [words]

  words     only cells whose name has one of these, such as: deno "TypeScript 5.4"
  --write   write ${PAGE}, if all cells ran

${cells.map(({ where, does }) => `  ${where}: ${does}`).join('\n')}`);
  process.exit();
}

const wanted = cells.filter(
  ({ where }) => !positionals.length || positionals.some((word) => where.toLowerCase().includes(word.toLowerCase())),
);
if (!wanted.length) throw new Error(`No cell has "${positionals.join('" or "')}" in its name. --help lists them.`);

const stage = await openStage();
const outcomes = await runCells(wanted, stage, (outcome) => console.log(describeOutcome(outcome)));
await stage.close();
if (values.write && wanted.length === cells.length) {
  writeFileSync(join(root, PAGE), printPage(outcomes));
  await runProgram(join(root, 'node_modules/.bin/biome'), ['check', '--write', PAGE], { cwd: root });
}
console.log(`\n${summarize(outcomes)}`);
process.exit(outcomes.some(({ state }) => state === 'failed') ? 1 : 0);
