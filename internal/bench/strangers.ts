// How long honest tasks wait, and how many finish a second, with all strangers of the chaos test at once, as a ratio to the
// same network without them: three rounds of each, in turns.
import { LOAD, measureHonestWaits, quantile, ratiosOf } from '@heurist/chaos/honest';
import { printTable, summarize } from './support/statistics.ts';

const ROUNDS = 3;

const rounds = await measureHonestWaits(ROUNDS, console.log);
const show = (values: number[]) => summarize(values).text;

function describe(name: 'without' | 'with'): string[] {
  const all = rounds.map((round) => round[name]);
  return [
    show(all.map(({ waits }) => quantile(waits))),
    show(all.map(({ waits }) => quantile(waits, 0.95))),
    show(all.map(({ waits, seconds }) => (100 * waits.length) / seconds)),
    `${all.reduce((sum, { failures }) => sum + failures.length, 0)}`,
  ];
}

printTable([
  [`${ROUNDS} rounds of ${LOAD.tasks} tasks`, 'median wait, ms', '95 % within, ms', 'finished in 100 s', 'failed'],
  ['without strangers', ...describe('without')],
  ['with strangers', ...describe('with')],
  ['median wait, ratio in percent', show(ratiosOf(rounds).map((ratio) => 100 * ratio))],
]);
const answers = new Map<number, number>();
for (const [status, count] of rounds.flatMap(({ attack }) => attack.answers))
  answers.set(status, (answers.get(status) ?? 0) + count);
const counts = [...answers].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
console.log(`strangers were answered ${counts.join(', ')}`);
for (const line of rounds.flatMap(({ attack }) => attack.failures)) console.log(line);
process.exit(0);
