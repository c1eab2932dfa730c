// The entries that need the types of Node.
import { createServer } from 'node:http';
import { Heurist } from '@heurist/core';
import { saveOutput } from '@heurist/core/node';
import { testWorkflow } from '@heurist/core/testing';
import { createHandler } from '@heurist/server';
import { type NodeHandler, toNodeHandler } from '@heurist/server/node';
import { createTestSequencer, type TestSequencer } from '@heurist/test-kit';
import { Text2ImageTask } from '@heurist/text2image';
import { UpscalerTask } from '@heurist/upscaler';

export const listener: NodeHandler = toNodeHandler(createHandler({ authorize: () => undefined }));
export const server = createServer(listener);

export async function save(): Promise<string> {
  const { image } = await new Heurist().workflow.run(new Text2ImageTask({ prompt: 'x' }), { timeout: 1000 });
  return await saveOutput(image, 'big.png', { signal: undefined, timeout: undefined });
}

export async function testOfAnApp(): Promise<number> {
  const sequencer: TestSequencer = await createTestSequencer({ socket: undefined });
  sequencer.on(UpscalerTask).failWith('input_unreachable');
  // @ts-expect-error there is no such fault
  await sequencer.inject('no-such-fault');
  const heurist = new Heurist(sequencer.options);
  await heurist.workflow.uploadFile(Buffer.from('x')).catch(() => {});
  return sequencer.calls.length;
}
export const known: unknown[] = [testWorkflow];
