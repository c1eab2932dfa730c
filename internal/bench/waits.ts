// Many waits in one process: connections, memory, the longest stall of the event loop, and how long after the last task the last wait
// ends: with tasks that another process has submitted, with tasks of its own, and at a sequencer without the calls for many tasks
// (`--single`: this alone). `--tasks 500`, `--seconds 10`.
import { parseArgs } from 'node:util';
import { printTable } from './support/statistics.ts';
import { measureWaits, type WaitFigures } from './support/waits.ts';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '20' },
    single: { type: 'boolean', default: false },
  },
});
const [tasks, seconds] = [Number(values.tasks), Number(values.seconds)];
const whole = (value: number) => Math.round(value).toLocaleString('en');
const count = ({ calls }: WaitFigures) =>
  Object.values(calls).reduce((sum, each) => sum + each, 0) - (calls.task_create ?? 0) - (calls.tasks_create ?? 0);

const rows: [name: string, of: (figures: WaitFigures) => string, limit: string][] = [
  ['sockets open at the same time', ({ peakSockets }) => whole(peakSockets), '4'],
  ['sockets opened in all', ({ openedSockets }) => whole(openedSockets), ''],
  ['memory (RSS) growth, MB', ({ rssMB }) => whole(rssMB), '150'],
  ['longest stall of the event loop, ms', ({ stallMs }) => whole(stallMs), '100'],
  ['last wait ÷ last task', ({ endRatio }) => endRatio.toFixed(3), '1.1'],
  ['finished -> resolved, median ms', ({ medianMs }) => whole(medianMs), '20'],
  ['requests beside the submits', (figures) => whole(count(figures)), ''],
];

console.log(`${whole(tasks)} waits in one process, for tasks of 1 to ${seconds} seconds`);
const columns: [string, WaitFigures][] = [];
const measure = async (name: string, mode: 'shared' | 'single', what: 'wait' | 'run') =>
  columns.push([name, await measureWaits({ tasks, seconds, mode, what })]);
if (!values.single) await measure('one stream', 'shared', 'wait');
if (!values.single) await measure('with its submits', 'shared', 'run');
await measure('a stream each', 'single', 'wait');
printTable([
  ['', ...columns.map(([name]) => name), 'limit'],
  ...rows.map(([name, of, limit]) => [name, ...columns.map(([, figures]) => of(figures)), limit]),
]);
for (const [name, { calls }] of columns) console.log(`requests, ${name}: ${JSON.stringify(calls)}`);
