// A program with the client, the drop-in, and the test kit. Prints `done` if everything is as it should be.
import process from 'node:process';
import { Heurist } from '@heurist/core';
import { saveOutput } from '@heurist/core/node';
import { createTestSequencer } from '@heurist/test-kit';
import { UpscalerTask } from '@heurist/upscaler';
import DropIn, { UpscalerTask as DropInTask, Heurist as Named } from 'heurist';
import { beRefused, demand, follow, PNG, useNetwork, useSession } from './use-network.ts';

const { HEURIST_WORKFLOW_URL: url = '', FOLLOW_URL = '', FOLLOW_KEY } = process.env;

/** By a path, which only runtimes with a disk have. */
async function useFiles(): Promise<void> {
  const { workflow } = new Heurist();
  const image_url = await workflow.uploadFile('photo.png');
  const { image } = await workflow.run(new UpscalerTask({ image_url }), { timeout: 60_000 });
  demand((await saveOutput(image, 'out/big.png')) === 'out/big.png', 'the output was saved');
}

/** As apps of heurist@0.0.43 are written. */
async function useDropIn(): Promise<void> {
  demand(DropIn === Named, 'the default export is the client');
  const heurist = new DropIn();
  const image_url = await heurist.workflow.uploadFile(PNG);
  const task = new DropInTask({ image_url });
  const { status, result } = await heurist.workflow.executeWorkflowAndWaitForResult(task, 60_000, 1000);
  demand(status === 'finished' && typeof result === 'string', 'the drop-in has its picture', { status, result });
}

/** An app is tested without a network. */
async function useTestKit(): Promise<void> {
  const sequencer = await createTestSequencer();
  sequencer.on(UpscalerTask).failWith('input_unreachable');
  const task = new UpscalerTask({ image_url: 'https://example.com/a.png' });
  const error = await new Heurist(sequencer.options).workflow.run(task).catch((reason: unknown) => reason);
  demand((error as { code?: string }).code === 'input_unreachable', 'the task failed as told', String(error));
  await sequencer.close();
}

async function main(): Promise<void> {
  // settings come from the environment
  await useNetwork({});
  await useSession({});
  await useFiles();
  await useDropIn();
  await useTestKit();
  await beRefused(url);
  await follow({ workflowURL: FOLLOW_URL, apiKey: FOLLOW_KEY });
  console.log('done');
}
void main();
