// The client of heurist@0.0.43, as it is, at a sequencer of ours. Prints `done` if everything is as it should be.
import process from 'node:process';
import { Heurist } from 'heurist';
import { UpscalerTask } from 'heurist/workflow';

const { IMAGE_URL: image_url = '' } = process.env;
const { workflow } = new Heurist();
const task = () => new UpscalerTask({ image_url });

function demand(isSo: boolean, what: string, seen: unknown): void {
  if (!isSo) throw new Error(`This does not hold: ${what} (${JSON.stringify(seen)}).`);
}

const end = await workflow.executeWorkflowAndWaitForResult(task(), 60_000, 1000);
demand(end.status === 'finished' && typeof end.result === 'string', 'a task finishes', end);
const head = new Uint8Array(await (await fetch(String(end.result))).arrayBuffer());
demand(head[1] === 'P'.charCodeAt(0), 'its result is a PNG', head.length);

const task_id = await workflow.executeWorkflow(task());
const asked = await workflow.queryTaskResult(task_id);
demand(['waiting', 'running', 'finished'].includes(asked.status), 'a task can be queried', asked);
demand((await workflow.cancelTask(task_id)).task_id === task_id, 'a task can be canceled', task_id);
console.log('done');
