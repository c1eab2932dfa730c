import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { createEngine } from '@heurist/engine';
import { createFolderStore, createSequencer, openDatabase, type SequencerOptions } from '@heurist/sequencer';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';

/** A sequencer with short leases and an engine, with a folder for them and for whatever a test writes. */
export async function startNetwork(workflows: WorkflowDefinition[], more: Pick<SequencerOptions, 'limits'> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'miner-'));
  const engine = await createEngine({ dataDir: join(folder, 'engine') });
  const sequencer = await createSequencer({
    database: await openDatabase(await prepareDataFolder(join(folder, 'database'))),
    artifacts: createFolderStore(join(folder, 'artifacts')),
    workflows,
    leaseSeconds: 2,
    ...more,
  });
  const url = await sequencer.listen();
  const api_key = (await sequencer.createKey('consumer', 'acme')).split('#')[1] ?? '';
  const key = await sequencer.createKey('miner', 'rig');

  // biome-ignore lint/suspicious/noExplicitAny: replies of any form
  async function call(name: string, body: object): Promise<any> {
    const response = await fetch(`${url}/${name}`, { method: 'POST', body: JSON.stringify({ api_key, ...body }) });
    return await response.json();
  }

  return {
    folder,
    engine,
    url,
    key,
    call,
    async create(task_type: string, parameters: object): Promise<string> {
      const task = { task_type, task_details: { parameters }, job_id: randomUUID() };
      return (await call('task_create', task)).task_id;
    },
    query: (task_id: string) => call('task_result_query', { task_id }),
    async close() {
      await sequencer.close();
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
