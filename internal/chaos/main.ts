// `npm run chaos`: a network with a fault every second, twice: on PostgreSQL, and in one container with an embedded database.
import { parseArgs } from 'node:util';
import { FAULTS } from './src/faults/index.ts';
import { measureHonestWaits, quantile, ratiosOf } from './src/honest/measure.ts';
import { type ChaosOptions, type ChaosReport, runChaos } from './src/run.ts';
import { strangers } from './src/strangers/all.ts';

const { values } = parseArgs({
  allowNegative: true,
  options: {
    tasks: { type: 'string', default: '2000' },
    miners: { type: 'string', default: '20' },
    replicas: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '240' },
    'task-seconds': { type: 'string', default: '180' },
    'limit-seconds': { type: 'string' },
    seed: { type: 'string', default: `${Math.floor(Math.random() * 2 ** 32)}` },
    database: { type: 'string' },
    faults: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    strangers: { type: 'boolean', default: true },
    'skew-replicas': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const HELP = `Runs a network, breaks something every second, and checks every task: npm run chaos -- [options]

  --tasks NUMBER          tasks on PostgreSQL; a twentieth of them with an embedded database (2000)
  --miners NUMBER         on PostgreSQL (20)
  --replicas NUMBER       sequencers on PostgreSQL (2)
  --seconds NUMBER        time over which tasks are submitted, if the machine can (240)
  --task-seconds NUMBER   time in which each task must end (180)
  --limit-seconds NUMBER  time in which all must end (300, and 0.6 for each task)
  --seed NUMBER           the same numbers again, as far as timing allows
  --database NAME         only postgres, or only embedded
  --faults NAMES          only these, with commas
  --skew-replicas         clocks of sequencers are up to 20 minutes wrong (those of miners always are)
  --no-strangers          without hostile miners, greedy consumers and outsiders among the honest
  --rounds NUMBER         rounds in which the waits of honest tasks are measured beside strangers, without faults (3)
  --verbose               also when each fault began and ended

Faults, and how often each happens relative to the others:

${FAULTS.map(({ name, weight, meaning }) => `  ${weight}  ${name}: ${meaning}`).join('\n')}

Disks and containers need Linux and \`unshare\`; without them these faults are left out.`;

if (values.help) {
  console.log(HELP);
  process.exit();
}

const numberOf = (text: string) => Number(text);
const chosen = values.faults?.split(',').map((name) => {
  const fault = FAULTS.find((each) => each.name === name.trim());
  if (!fault) throw new Error(`There is no fault "${name.trim()}". --help lists them.`);
  return fault;
});
const tasks = numberOf(values.tasks);
const seconds = numberOf(values.seconds);
const rounds = numberOf(values.rounds);
const common = {
  seed: numberOf(values.seed),
  taskSeconds: numberOf(values['task-seconds']),
  skewsReplicas: values['skew-replicas'],
  log: console.log,
  ...(values.strangers && { strangers }),
  ...(chosen && { faults: chosen }),
  ...(values['limit-seconds'] && { limitSeconds: numberOf(values['limit-seconds']) }),
};
const runs: ChaosOptions[] = [
  {
    ...common,
    database: 'postgres',
    tasks,
    seconds,
    miners: numberOf(values.miners),
    replicas: numberOf(values.replicas),
  },
  { ...common, database: 'embedded', tasks: Math.ceil(tasks / 20), seconds: seconds / 4, miners: 4, replicas: 1 },
];

console.log(`seed ${common.seed}`);
let finished = 0;
let problems = 0;
for (const options of runs) {
  if (values.database && values.database !== options.database) continue;
  console.log(`\n# ${options.database}: ${options.tasks} tasks`);
  const report = await runChaos(options);
  print(report);
  finished += report.ends.finished ?? 0;
  problems += report.problems.length;
}
if (rounds) await compareWaits(rounds);
console.log(
  problems
    ? `${problems} PROBLEMS, seed ${common.seed}`
    : `${finished} tasks finished, nothing lost, nothing done twice, nothing stuck, every webhook true, every owner in turn`,
);
process.exit(problems ? 1 : 0);

/** A figure, not a verdict: it depends on what else the machine does. */
async function compareWaits(count: number): Promise<void> {
  console.log(`\n# strangers, without faults: ${count} rounds`);
  const ratios = ratiosOf(await measureHonestWaits(count, console.log));
  const times = ratios.map((ratio) => ratio.toFixed(2)).join(', ');
  console.log(`honest tasks wait ${quantile(ratios).toFixed(2)} times as long beside strangers (median of ${times})`);
}

function print(report: ChaosReport): void {
  const line = (count: number, text: string) => console.log(`${`${count}`.padStart(5)}  ${text}`);
  if (values.verbose) console.log(report.faultLog.join('\n'));
  for (const [fault, count] of report.faults) line(count, fault);
  if (report.withoutDisks) console.log(`       no faults of disks: ${report.withoutDisks}`);
  line(report.restarts, 'processes restarted');
  for (const [status, count] of Object.entries(report.ends)) line(count, `tasks ${status}`);
  line(report.repeated, 'tasks handed out more than once');
  line(report.artifacts, 'outputs complete and of the right task');
  line(report.webhooks, 'webhooks arrived');
  const at = (share: number) => Math.round(quantile(report.durations, share) || 0);
  console.log(`       tasks took ${at(0.5)} ms (half of them), ${at(0.99)} ms (99 of 100)`);
  for (const problem of report.problems) console.error(problem);
}
