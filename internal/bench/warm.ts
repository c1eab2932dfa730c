// How much of a fleet's time goes into loading models, with and without warm routing. First simulated: no time passes, and the tables
// are the same on every machine. Then for real: a sequencer, PostgreSQL, and miners of ours on ComfyUIs that take their time to load.
// `--tasks 20000`, `--seeds 2`; `--large 130000`: tasks of 100 models on 10,000 miners; `--rounds 3`: for real. 0 leaves a part out. `--write`
// puts the figures into `docs/benchmarks.md`.
import { parseArgs } from 'node:util';
import { writeTable } from '@heurist/test-servers/page-figures';
import { startPostgres } from '@heurist/test-servers/postgres';
import { printTable, summarize } from './support/statistics.ts';
import {
  BURST,
  compare,
  FLEETS,
  type FleetName,
  judge,
  judgeOne,
  LARGE,
  OFFERED,
  type Outcome,
  POLICIES,
  ratioOf,
  type Verdict,
} from './support/warm/fleets.ts';
import { type Figures, simulate } from './support/warm/simulate.ts';
import { measureWire, type WireFigures } from './support/warm/wire.ts';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '20000' },
    seeds: { type: 'string', default: '2' },
    large: { type: 'string', default: '130000' },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
});
const [tasks, seeds, large, rounds] = [values.tasks, values.seeds, values.large, values.rounds].map(Number) as [
  number,
  number,
  number,
  number,
];

const share = (value: number) => value.toFixed(3);
const whole = (value: number) => Math.round(value).toLocaleString('en');
const median = (all: number[]) => summarize(all).median;
const ofAll = ({ oldest, turns, warm }: Outcome, show: (figures: Figures) => string) =>
  [oldest, turns, warm].map(show).join(' / ');

function show(name: string, rows: string[][]): void {
  printTable(rows);
  if (values.write) writeTable('benchmarks.md', name, rows);
}

/** By name, the worst of all seeds. */
const verdicts = new Map<string, Verdict>();
function note(verdict: Verdict): void {
  const last = verdicts.get(verdict.name);
  if (!last || verdict.margin < last.margin) verdicts.set(verdict.name, verdict);
}

function rowOf(fleet: string, offered: number, outcome: Outcome): string[] {
  return [
    fleet,
    `${offered}`,
    ofAll(outcome, ({ warm }) => share(warm)),
    ratioOf(outcome).toFixed(2),
    ofAll(outcome, ({ meanWait }) => whole(meanWait)),
    ofAll(outcome, ({ p95Wait }) => whole(p95Wait)),
    ofAll(outcome, ({ p95Queue }) => whole(p95Queue)),
    `${outcome.warm.passed.toFixed(1)} of ${outcome.warm.bound}`,
  ];
}

function simulateFleets(seed: number): void {
  console.log(`\nSimulated, seed ${seed}, ${whole(tasks)} tasks. Each cell: oldest first / in turns / warm routing.`);
  console.log('A wait ends when the run begins, with its models loaded; a queue when the load begins.');
  const rows = [
    [
      'models on miners',
      'offered',
      'warm',
      'finished, warm routing ÷ oldest first',
      'mean wait, s',
      'p95 wait, s',
      'p95 queue, s',
      'passed by, s',
    ],
  ];
  for (const [name, fleet] of Object.entries(FLEETS))
    for (const offered of OFFERED) {
      const outcome = compare({ ...fleet, offered, tasks, seed });
      rows.push(rowOf(name, offered, outcome));
      for (const verdict of judge(name as FleetName, offered, outcome)) note(verdict);
      if (name === '8 on 8' && offered === 0.6) printDay(outcome);
    }
  printTable(rows);
}

function printDay({ oldest, warm }: Outcome): void {
  const [before, now] = [oldest, warm].map(({ throughput }) => whole(throughput * 86_400));
  console.log(`8 GPUs, asked for 0.6 of what they can: ${before} pictures a day oldest first, ${now} by warm routing.`);
}

function simulateLarge(): void {
  const started = performance.now();
  const figures = simulate({ ...LARGE, offered: 0.85, tasks: large, seed: 1 }, POLICIES.warm);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `\n${LARGE.models} models on ${whole(LARGE.miners)} miners, offered 0.85: ${whole(large)} tasks in ${whole(figures.seconds)} s, warm ${share(figures.warm)}, p95 wait ${figures.p95Wait.toFixed(1)} s; simulated in ${seconds} s`,
  );
  note(judgeOne('100 on 10,000: longest that a task was passed by, s', figures.passed, { most: figures.bound }));
}

async function runForReal(): Promise<void> {
  const { models, miners, load_ms, run_ms, tasks } = BURST;
  console.log(
    `\nFor real: ${tasks} tasks at once, ${models} models on ${miners} miners of ours, load ${load_ms} ms, run ${run_ms} ms`,
  );
  const server = await startPostgres();
  const [plain, warm, free]: [WireFigures[], WireFigures[], WireFigures[]] = [[], [], []];
  for (let seed = 1; seed <= rounds; seed++) {
    plain.push(await measureWire(server, { ...BURST, seed, saysModels: false }));
    warm.push(await measureWire(server, { ...BURST, seed, saysModels: true }));
    free.push(await measureWire(server, { ...BURST, load_ms: 0, seed, saysModels: true }));
  }
  await server.stop();
  const simulated = Array.from({ length: rounds }, (_, index) =>
    compare({ ...BURST, slots: 1, offered: 'all', seed: index + 1 }),
  );
  const allWarm = median(free.map(({ seconds }) => seconds));
  const row = (name: string, real: readonly WireFigures[], pick: (outcome: Outcome) => Figures) => {
    const seconds = median(real.map((each) => each.seconds));
    return [
      name,
      share(median(real.map((each) => each.warm))),
      share(median(simulated.map((each) => pick(each).warm))),
      seconds.toFixed(2),
      median(simulated.map((each) => pick(each).seconds)).toFixed(2),
      (seconds / allWarm).toFixed(2),
    ];
  };
  show('warm-real', [
    [`medians of ${rounds}`, 'warm', 'simulated', 'seconds', 'simulated', '÷ all warm'],
    row('miners that say nothing of models', plain, ({ turns }) => turns),
    row('miners that say what they hold', warm, (outcome) => outcome.warm),
    ['loads that take no time', '', '', allWarm.toFixed(2), ((tasks * run_ms) / miners / 1000).toFixed(2), '1.00'],
  ]);
  note(judgeOne('for real: warm share', median(warm.map((each) => each.warm)), { least: 0.85 }));
  note(judgeOne('for real: time ÷ all warm', median(warm.map(({ seconds }) => seconds)) / allWarm, { most: 2 }));
}

for (let seed = 1; seed <= seeds; seed++) simulateFleets(seed);
if (large) simulateLarge();
if (rounds) await runForReal();
console.log('');
show('warm', [
  ['the worst of all seeds', 'figure', 'limit', 'missed'],
  ...[...verdicts.values()].map(({ name, figure, limit, isMet }) => [
    name,
    figure.toFixed(3),
    limit,
    isMet ? '' : 'MISSED',
  ]),
]);
process.exit([...verdicts.values()].every(({ isMet }) => isMet) ? 0 : 1);
