// A sequencer in a process of its own, whose tasks run for one second up to so many, and report progress every second.
import { createTestSequencer, type TestTask } from '@heurist/test-kit';

const [longest = '20', mode = 'shared'] = process.argv.slice(2);
const sequencer = await createTestSequencer();
sequencer.on('*').wait();
if (mode === 'single') await sequencer.inject('batch-missing');

/** When each task ended, by the clock of the machine. */
const ended = new Map<string, number>();
let known = 0;

function begin(task: TestTask): void {
  const lasts = 1000 + Math.random() * (Number(longest) - 1) * 1000;
  const progress = setInterval(() => task.run(Math.floor(Math.random() * 100)), 1000);
  setTimeout(() => {
    clearInterval(progress);
    ended.set(task.task_id, Date.now());
    task.finish();
  }, lasts);
}

setInterval(() => {
  for (const task of sequencer.tasks.slice(known)) begin(task);
  known = sequencer.tasks.length;
}, 20);

process.on('message', () => {
  const calls: Record<string, number> = {};
  for (const { name } of sequencer.calls) calls[name] = (calls[name] ?? 0) + 1;
  process.send?.({ ended: Object.fromEntries(ended), calls });
});
process.on('disconnect', () => process.exit());
process.send?.(sequencer.options);
