// Honest consumers, all in one process: consumers.ts URLS KEYS. Sends what they waited.
import { setTimeout as sleep } from 'node:timers/promises';
import { Heurist, WorkflowTask } from '@heurist/core';
import type { Load, Waits } from './messages.ts';

const [urls = [], keys = []] = process.argv.slice(2).map((list) => list.split(' '));
const clients = keys.map((apiKey, index) => new Heurist({ apiKey, workflowURL: urls[index % urls.length] }));
process.once('disconnect', () => process.exit());
process.on('message', async (load: Load) => process.send?.(await submitAll(load)));
process.send?.({ ready: true });

class PaintTask extends WorkflowTask {
  readonly #color: number;
  constructor(color: number) {
    super();
    this.#color = color;
  }
  get task_type() {
    return 'paint';
  }
  get task_details() {
    return { parameters: { color: this.#color } };
  }
}

/** Submits at a steady rate, whatever the network does. */
async function submitAll({ tasks, perSecond }: Load): Promise<Waits> {
  const start = performance.now();
  const waits = await Promise.allSettled(
    Array.from({ length: tasks }, async (_, color) => {
      await sleep((1000 * color) / perSecond);
      const submitted = performance.now();
      await clients[color % clients.length]!.workflow.run(new PaintTask(color));
      return performance.now() - submitted;
    }),
  );
  return {
    waits: waits.flatMap((wait) => (wait.status === 'fulfilled' ? wait.value : [])),
    failures: waits.flatMap((wait) => (wait.status === 'rejected' ? `${wait.reason}` : [])),
    seconds: (performance.now() - start) / 1000,
  };
}
