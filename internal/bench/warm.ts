// How much of a fleet's time goes into loading models, with and without warm routing. Simulated: no time passes, the tables are the
// same on every machine. `--tasks 20000`, `--seeds 2`, `--large 200000`: tasks of 100 models on 10,000 miners; 0 leaves them out.
import { parseArgs } from 'node:util';
import { printTable } from './support/statistics.ts';
import {
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
import type { Figures } from './support/warm/simulate.ts';
import { simulate } from './support/warm/simulate.ts';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '20000' },
    seeds: { type: 'string', default: '2' },
    large: { type: 'string', default: '200000' },
  },
});
const [tasks, seeds, large] = [Number(values.tasks), Number(values.seeds), Number(values.large)];

const share = (value: number) =>
  value
    .toFixed(3)
    .replace(/^0/, '')
    .replace(/^1\.000$/, '1.00');
const whole = (value: number) => Math.round(value).toLocaleString('en');
const inTurn = ({ oldest, turns, warm }: Outcome, show: (figures: Figures) => string) =>
  [oldest, turns, warm].map(show).join(' / ');

function rowOf(fleet: string, offered: number, outcome: Outcome): string[] {
  return [
    fleet,
    `${offered}`,
    inTurn(outcome, ({ warm }) => share(warm)),
    ratioOf(outcome).toFixed(2),
    inTurn(outcome, ({ meanWait }) => whole(meanWait)),
    inTurn(outcome, ({ p95Wait }) => whole(p95Wait)),
    `${whole(outcome.oldest.p95Queue)} / ${whole(outcome.warm.p95Queue)}`,
    `${outcome.warm.passed.toFixed(1)} of ${outcome.warm.bound}`,
  ];
}

/** The worst of several seeds. */
const verdicts = new Map<string, Verdict>();
function note(verdict: Verdict): void {
  const last = verdicts.get(verdict.name);
  if (!last || (last.isMet && !verdict.isMet)) verdicts.set(verdict.name, verdict);
}

const head = [
  'models on miners',
  'offered',
  'warm share: oldest first / in turns / warm routing',
  'tasks ÷ oldest first',
  'mean wait, s',
  'p95 wait, s',
  'p95 in the queue, s',
  'passed by, s',
];
let day: Outcome | undefined;
for (let seed = 1; seed <= seeds; seed++) {
  console.log(`seed ${seed}: ${whole(tasks)} tasks; a wait ends when the run begins, with its models loaded`);
  const rows = [head];
  for (const [name, fleet] of Object.entries(FLEETS))
    for (const offered of OFFERED) {
      const outcome = compare({ ...fleet, offered, tasks, seed });
      rows.push(rowOf(name, offered, outcome));
      for (const verdict of judge(name as FleetName, offered, outcome)) note(verdict);
      if (name === '8 on 8' && offered === 0.6) day ??= outcome;
    }
  printTable(rows);
}
const perDay = (figures: Figures) => whole(figures.throughput * 86_400);
if (day)
  console.log(
    `8 GPUs with 8 models, asked for 0.6 of what they could: ${perDay(day.oldest)} pictures a day, oldest first; ${perDay(day.warm)} by warm routing`,
  );

if (large) {
  const started = performance.now();
  const figures = simulate({ ...LARGE, offered: 0.85, tasks: large, seed: 1 }, POLICIES.warm);
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${LARGE.models} models on ${whole(LARGE.miners)} miners, offered 0.85: ${whole(large)} tasks in ${whole(figures.seconds)} s, warm ${share(figures.warm)}, p95 wait ${figures.p95Wait.toFixed(1)} s, passed by ${figures.passed.toFixed(1)} s at most; simulated in ${seconds.toFixed(1)} s`,
  );
  note(judgeOne('100 on 10,000: longest that a task was passed by, seconds', figures.passed, { most: figures.bound }));
}

printTable([
  ['what', 'figure', 'limit', ''],
  ...[...verdicts.values()].map(({ name, figure, limit, isMet }) => [
    name,
    figure.toFixed(3),
    limit,
    isMet ? '' : 'MISSED',
  ]),
]);
process.exit([...verdicts.values()].every(({ isMet }) => isMet) ? 0 : 1);
