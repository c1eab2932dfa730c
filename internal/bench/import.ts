// What an import of the client costs: CPU time of a Node process that does nothing else, as a multiple of one that is empty. Beside
// ours, the clients of other services, from npm. The cases take turns, so that a busy machine is busy for all.
// Writes the table of `docs/benchmarks.md`.
import { execFileSync } from 'node:child_process';
import { writeTable } from '@heurist/test-servers/page-figures';
import { PEERS, withPeers } from './support/peers.ts';
import { printTable, summarize } from './support/statistics.ts';

const ROUNDS = 31;
const own = import.meta.dirname;

/** Milliseconds of CPU time, of a process that runs a program in a folder. */
function cpuTime(program: string, cwd: string): number {
  const report = 'const { user, system } = process.cpuUsage(); process.stdout.write(String((user + system) / 1000));';
  return Number(
    execFileSync(process.execPath, ['--input-type=module', '--eval', `${program};${report}`], {
      cwd,
      encoding: 'utf8',
      // code that an earlier run has compiled would be for free
      env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: '' },
    }),
  );
}

await withPeers(async (folder, peers) => {
  const cases: [name: string, program: string, cwd: string][] = [
    ['an empty program', '', own],
    ['@heurist/core', `import '@heurist/core'`, own],
    [
      '@heurist/core, required',
      `process.getBuiltinModule('module').createRequire(process.cwd() + '/x')('@heurist/core')`,
      own,
    ],
    ['@heurist/core and upscaler', `import '@heurist/core'; import '@heurist/upscaler'`, own],
    ['@heurist/core/node', `import '@heurist/core/node'`, own],
    ['heurist: every task', `import '../../packages/heurist/dist/index.js'`, own],
    ...peers.map((name): [string, string, string] => [`${name}@${PEERS[name]}`, `import '${name}'`, folder]),
  ];
  const times = cases.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, [, program, cwd]] of cases.entries()) times[index]?.push(cpuTime(program, cwd));
  const summaries = times.map((each) => summarize(each, 1));
  const empty = summaries[0]!.median;
  const rows = [
    ['import', `CPU time in ms, median of ${ROUNDS} (range)`, 'ratio to an empty program'],
    ...cases.map(([name], index) => [name, summaries[index]!.text, (summaries[index]!.median / empty).toFixed(2)]),
  ];
  printTable(rows);
  const worst = Math.max(summaries[1]!.median, summaries[3]!.median) / empty;
  console.log(`aim: 1.4 or less; ratio to the aim ${(worst / 1.4).toFixed(2)}`);
  writeTable('benchmarks.md', 'import', rows);
});
