// The contract with heurist@0.0.43, both ways: its client and our network, our client and a sequencer that knows its calls alone.
import { Heurist } from '@heurist/core';
import { PNG } from '../../programs/use-network.ts';
import type { Cell } from '../cell.ts';
import { runProgram } from '../processes.ts';
import { startReferenceSequencer } from '../reference-sequencer.ts';

const REFERENCE = 'heurist@0.0.43';

export const contract: readonly Cell[] = [
  {
    where: `\`${REFERENCE}\` from npm`,
    does: 'its client submits, waits, queries, cancels and asks for a miner at our sequencer',
    async run(stage) {
      const cwd = await stage.install([REFERENCE]);
      const { url: workflowURL, apiKey } = stage.network;
      const image_url = await new Heurist({ workflowURL, apiKey }).workflow.uploadFile(PNG);
      const env = { HEURIST_WORKFLOW_URL: workflowURL, HEURIST_API_KEY: apiKey, IMAGE_URL: image_url };
      expectEnd(await runProgram(process.execPath, ['reference-client.ts'], { cwd, env }));
    },
  },
  {
    where: 'A reference sequencer',
    does: 'our client and the drop-in submit, wait, query and cancel at a sequencer that knows only the calls of the reference',
    async run(stage) {
      await using sequencer = await startReferenceSequencer();
      const env = { HEURIST_WORKFLOW_URL: sequencer.url, HEURIST_API_KEY: sequencer.apiKey };
      expectEnd(await runProgram(process.execPath, ['at-a-reference.ts'], { cwd: stage.app, env }));
    },
  },
];

function expectEnd(printed: string): void {
  if (!printed.endsWith('done\n')) throw new Error(`The program ended too soon:\n${printed}`);
}
