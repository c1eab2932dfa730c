// `npm run chaos`: 2,000 tasks, 20 miners, 2 replicas, a real PostgreSQL, and a fault every second.
import { parseArgs } from 'node:util';
import { runChaos } from './src/run.ts';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '2000' },
    miners: { type: 'string', default: '20' },
    replicas: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '240' },
    seed: { type: 'string', default: `${Math.floor(Math.random() * 2 ** 32)}` },
  },
});
const [tasks, miners, replicas, seconds, seed] = [
  values.tasks,
  values.miners,
  values.replicas,
  values.seconds,
  values.seed,
].map(Number) as [number, number, number, number, number];
console.log(`seed ${seed}`);
const report = await runChaos({ tasks, miners, replicas, seconds, seed, log: console.log });
for (const [fault, count] of report.faults) console.log(`${`${count}`.padStart(5)}  ${fault}`);
console.log(`${`${report.restarts}`.padStart(5)}  processes restarted`);
for (const [status, count] of Object.entries(report.ends)) console.log(`${`${count}`.padStart(5)}  tasks ${status}`);
console.log(`${`${report.repeated}`.padStart(5)}  tasks handed out more than once`);
console.log(`${`${report.artifacts}`.padStart(5)}  outputs complete and of the right task`);
for (const problem of report.problems) console.error(problem);
console.log(
  report.problems.length ? `${report.problems.length} PROBLEMS, seed ${seed}` : 'nothing lost, nothing done twice',
);
process.exit(report.problems.length ? 1 : 0);
