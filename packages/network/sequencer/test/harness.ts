import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineWorkflow, type WorkflowDefinition } from '@heurist/core/definition';
import * as z from 'zod/mini';
import { createFolderStore, createSequencer, openDatabase, type SequencerOptions } from '../src/index.ts';

/** A workflow that needs no model: enough for a queue. */
export function echoWorkflow(workflow_id: string, task_type = 'echo'): WorkflowDefinition {
  return defineWorkflow({
    workflow_id,
    task_type,
    title: 'Echo',
    parameters: z.strictObject({ text: z.string(), image: z.optional(z.string()) }),
    graph: { text: { class_type: 'Text', inputs: { text: '', image: '' } } },
    bindings: { text: { node: 'text', input: 'text' }, image: { node: 'text', input: 'image' } },
    files: {},
    outputs: ['text'],
    requirements: { nodes: ['Text'], models: [] },
  });
}

/** Starts a sequencer with one consumer, `acme`, and one miner, `rig`. */
export async function startSequencer({
  dataDir,
  location = dataDir,
  ...options
}: Partial<SequencerOptions> & { dataDir?: string | undefined; location?: string | undefined } = {}) {
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'sequencer-'));
  const sequencer = await createSequencer({
    database: await openDatabase(location),
    artifacts: createFolderStore(join(folder, 'artifacts')),
    workflows: [echoWorkflow('echo'), echoWorkflow('other')],
    ...options,
  });
  const url = await sequencer.listen();
  const consumer = await sequencer.createKey('consumer', 'acme');
  const rig = await sequencer.createKey('miner', 'rig');

  /** Makes a call; keys go as the protocol has them. */
  async function call(name: string, body: object, key?: string) {
    const response = await fetch(`${url}/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
      body: JSON.stringify(body),
    });
    // biome-ignore lint/suspicious/noExplicitAny: replies of any form
    return { status: response.status, json: (await response.json()) as any };
  }
  const [consumer_id = '', api_key = ''] = consumer.split('#');
  const created: { task_id: string; api_key: string }[] = [];

  return {
    sequencer,
    url,
    consumer,
    rig,
    api_key,
    call,
    async create(more: object = {}) {
      const body = {
        consumer_id,
        api_key,
        task_type: 'echo',
        task_details: { parameters: { text: 'hi' } },
        job_id: randomUUID(),
        ...more,
      };
      const reply = await call('task_create', body);
      if (reply.status === 200) created.push({ task_id: reply.json.task_id, api_key: body.api_key });
      return reply;
    },
    /** Ends every task of before: each test begins with an empty queue. */
    async cancelAll() {
      for (const task of created.splice(0)) await call('task_cancel', task);
    },
    query: async (task_id: string) => (await call('task_result_query', { task_id, api_key })).json,
    cancel: (task_id: string) => call('task_cancel', { task_id, api_key }),
    claim: async (more: object = {}, key = rig) =>
      (await call('miner_request', { workflow_ids: ['echo'], ...more }, key)).json,
    heartbeat: (lease_id: string, progress?: object, key = rig) => call('miner_heartbeat', { lease_id, progress }, key),
    submit: (lease_id: string, more: object = {}, key = rig) =>
      call('miner_submit', { lease_id, success: true, ...more }, key),
    /** Announces an output and stores it. */
    async upload(lease_id: string, text = 'result', announced: object = {}) {
      const bytes = Buffer.from(text);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const facts = { filename: 'out.txt', kind: 'text', content_type: 'text/plain', bytes: bytes.length, sha256 };
      const { json } = await call('miner_upload', { lease_id, ...facts, ...announced }, rig);
      const { status } = await fetch(json.upload_url, {
        method: 'PUT',
        body: bytes,
        headers: json.upload_headers ?? {},
      });
      return { artifact_id: json.artifact_id as string, status };
    },
    async stop() {
      await sequencer.close();
      if (!dataDir) rmSync(folder, { recursive: true, force: true });
    },
  };
}
