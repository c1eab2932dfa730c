// A client in a process of its own that waits for many tasks at the same time, and measures what that costs it.
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Heurist, WorkflowTask } from '@heurist/core';
import type { ClientFigures } from './waits.ts';

class Echo extends WorkflowTask {
  task_type = 'echo';
  task_details = { parameters: { text: 'hi' } };
}

const [workflowURL, apiKey, count, what] = process.argv.slice(2);
const heurist = new Heurist({ workflowURL, apiKey });
// what a first call loads is loaded
await heurist.workflow.networkStatus();

const sockets = { opened: 0, open: 0, peak: 0 };
subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket };
  sockets.opened++;
  sockets.peak = Math.max(sockets.peak, ++sockets.open);
  socket.once('close', () => sockets.open--);
});

/** Resolves with the tasks of another process, which this one only waits for. */
async function submittedElsewhere(): Promise<string[]> {
  process.send?.('ready');
  const [task_ids] = await once(process, 'message');
  return task_ids;
}
const task_ids = what === 'wait' ? await submittedElsewhere() : [];

const before = process.memoryUsage.rss();
let rss = before;
const sampling = setInterval(() => {
  rss = Math.max(rss, process.memoryUsage.rss());
}, 100);
const delay = monitorEventLoopDelay({ resolution: 2 });
delay.enable();

const started = Date.now();
const resolved: Record<string, number> = {};
const { workflow } = heurist;
const wait = (task_id: string | undefined) =>
  task_id
    ? workflow.task(task_id).wait({ timeout: 600_000 })
    : workflow.executeWorkflowAndWaitForResult(new Echo(), 600_000);
await Promise.all(
  Array.from({ length: Number(count) }, async (_, index) => {
    const { task_id } = await wait(task_ids[index]);
    resolved[task_id] = Date.now();
  }),
);
delay.disable();
clearInterval(sampling);
const figures: ClientFigures = {
  started,
  resolved,
  peakSockets: sockets.peak,
  openedSockets: sockets.opened,
  rssMB: (rss - before) / 1e6,
  stallMs: delay.max / 1e6,
};
process.send?.(figures, () => process.exit());
