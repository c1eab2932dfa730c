// Our client, and the one whose contract it keeps. Both speak what the test sequencer speaks.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Heurist } from '@heurist/core';
import { saveOutput } from '@heurist/core/node';
import { UpscalerTask } from '@heurist/upscaler';
import { Heurist as ReferenceHeurist } from 'heurist-reference';
import { UpscalerTask as ReferenceTask } from 'heurist-reference/workflow';
import { type Client, MANY, type Session } from './client.ts';
import { KEY } from './given.ts';

const image_url = 'https://example.com/a.png';

export const ours: Client = {
  name: 'ours',
  version: '',
  settings: '`run` with `timeout`',
  lacks: [],
  open(workflowURL): Session {
    const { workflow } = new Heurist({ apiKey: KEY, workflowURL });
    const run: Session['run'] = ({ timeout, signal }) =>
      workflow.run(new UpscalerTask({ image_url }), { timeout, ...(!timeout && { signal }) });
    return {
      run,
      follow: run,
      runMany: (patience) => Promise.all(Array.from({ length: MANY }, () => run(patience))),
      upload: (file) => workflow.uploadFile(file, { timeout: 10_000 }),
      async download() {
        const folder = mkdtempSync(join(tmpdir(), 'faults-'));
        try {
          const { image } = await workflow.run(new UpscalerTask({ image_url }));
          return readFileSync(await saveOutput(image, join(folder, 'a.png')));
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
    };
  },
};

export const reference: Client = {
  name: 'heurist',
  version: '0.0.43',
  settings: '`executeWorkflowAndWaitForResult` with its smallest interval, 1 s',
  lacks: ['protocol-too-new', 'no-miner', 'abort'],
  open(workflowURL): Session {
    const { workflow } = new ReferenceHeurist({ apiKey: KEY, workflowURL } as never);
    return {
      run: ({ timeout }) =>
        workflow.executeWorkflowAndWaitForResult(new ReferenceTask({ image_url } as never) as never, timeout, 1000),
    };
  },
};
