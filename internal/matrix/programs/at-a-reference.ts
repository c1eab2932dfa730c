// Our client at a sequencer that knows the calls of the reference alone. Prints `done` if everything is as it should be.
import { Heurist, TaskFailedError } from '@heurist/core';
import { Text2VideoTask } from '@heurist/text2video';
import { UpscalerTask } from '@heurist/upscaler';
import DropIn, { FluxLoraTask } from 'heurist';
import { demand } from './use-network.ts';

const image_url = 'https://example.com/a.png';
const { workflow } = new Heurist();

async function runTasks(): Promise<void> {
  const { image } = await workflow.run(new UpscalerTask({ image_url }));
  demand(image.url === 'https://files.example.com/flux-lora/out.jpg', 'a result as { url } is an output', image);
  const task = new FluxLoraTask({ prompt: 'a fox', lora_name: 'x' });
  const { status, result } = await new DropIn().workflow.executeWorkflowAndWaitForResult(task, 30_000, 1000);
  demand(status === 'finished' && typeof result === 'string', 'the drop-in waits', { status, result });
}

async function fail(): Promise<void> {
  const error = await workflow.run(new Text2VideoTask({ prompt: 'a fox' })).catch((reason: unknown) => reason);
  demand(TaskFailedError.isInstance(error), 'a failed task throws', String(error));
}

async function cancel(): Promise<void> {
  const task_id = await workflow.executeWorkflow(new UpscalerTask({ image_url }));
  const { msg } = await workflow.cancelTask(task_id);
  const { status } = await workflow.task(task_id).wait();
  demand(msg === 'ok' && status === 'canceled', 'a task is canceled', { msg, status });
}

/** Calls that it does not know say so. */
async function askForMore(): Promise<void> {
  const calls = [
    () => workflow.networkStatus(),
    () => workflow.webhookSecret(),
    () => workflow.createSession({ task_types: ['x'] }),
  ];
  for (const call of calls) {
    const error = await call().catch((reason: unknown) => reason);
    demand((error as { code?: string }).code === 'not_found', 'what it does not know is not found', String(error));
  }
}

await runTasks();
await fail();
await cancel();
await askForMore();
console.log('done');
