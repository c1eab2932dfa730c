// A sequencer that runs, an app in front of it, and a miner that does as it is told.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineWorkflow } from '@heurist/core/definition';
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import * as z from 'zod/mini';

/** A workflow that needs no model. */
const echo = (workflow_id: string, task_type: string) =>
  defineWorkflow({
    workflow_id,
    task_type,
    title: 'Echo',
    parameters: z.strictObject({ text: z.string() }),
    graph: { text: { class_type: 'Text', inputs: { text: '' } } },
    bindings: { text: { node: 'text', input: 'text' } },
    files: {},
    outputs: ['text'],
    requirements: { nodes: ['Text'], models: [] },
  });

export type Network = Awaited<ReturnType<typeof startNetwork>>;

export async function startNetwork(corsOrigins: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'server-'));
  const database = await openDatabase(join(folder, 'data'));
  const sequencer = await createSequencer({
    database,
    artifacts: createFolderStore(join(folder, 'artifacts')),
    corsOrigins,
    workflows: [echo('echo', 'echo'), echo('secret', 'secret')],
  });
  const url = await sequencer.listen();
  const apiKey = await sequencer.createKey('consumer', 'acme');
  const rig = await sequencer.createKey('miner', 'rig');

  async function call(name: string, body: object, key: string) {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
    const response = await fetch(`${url}/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
    // biome-ignore lint/suspicious/noExplicitAny: replies of any form
    return { status: response.status, json: (await response.json()) as any };
  }
  return {
    url,
    apiKey,
    database,
    sequencer,
    call,
    /** Runs the next task. Resolves with when it ended, in milliseconds since 1970. */
    async work() {
      const { json } = await call('miner_request', { workflow_ids: ['echo'], wait_seconds: 10 }, rig);
      const { lease_id, task_id } = json;
      const bytes = Buffer.from('result');
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const facts = { filename: 'out.txt', kind: 'text', content_type: 'text/plain', bytes: bytes.length, sha256 };
      const upload = await call('miner_upload', { lease_id, ...facts }, rig);
      await fetch(upload.json.upload_url, { method: 'PUT', body: bytes });
      await call('miner_submit', { lease_id, success: true, artifact_ids: [upload.json.artifact_id] }, rig);
      return { task_id: task_id as string, at: Date.now() };
    },
    async stop() {
      await sequencer.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
