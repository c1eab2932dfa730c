import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineWorkflow, type WorkflowDefinition } from '@heurist/core/definition';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import * as z from 'zod/mini';
import { startSequencer } from '../../src/create-sequencer.ts';
import { createFolderStore, openDatabase, type SequencerOptions } from '../../src/index.ts';
import { openTestDatabase } from './database.ts';

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

/** One that needs the model of a file. */
export function modelWorkflow(workflow_id: string, file: string): WorkflowDefinition {
  return defineWorkflow({
    workflow_id,
    task_type: workflow_id,
    title: 'Echo with a model',
    parameters: z.strictObject({ text: z.string() }),
    graph: {
      model: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: file } },
      text: { class_type: 'Text', inputs: { text: '' } },
    },
    bindings: { text: 'text.text' },
    outputs: ['text'],
    requirements: { models: [{ folder: 'checkpoints', filename: file }] },
  });
}

/** A sequencer that runs, and what tests do with it. */
export type Network = Awaited<ReturnType<typeof startNetwork>>;

interface NetworkOptions extends Partial<SequencerOptions> {
  /** A data folder. It is kept. */
  dataDir?: string | undefined;
  /** Where the database is, as `openDatabase` takes it. Default: `dataDir`, or an empty database. */
  location?: string | undefined;
  clock?: Clock;
  /** Every task goes by transactions, as those do about which something is special. */
  isStepwise?: boolean;
}

/** Starts a sequencer with one consumer, `acme`, and one miner, `rig`. */
export async function startNetwork({
  dataDir,
  location = dataDir,
  clock = systemClock,
  isStepwise = false,
  ...options
}: NetworkOptions = {}) {
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'network-'));
  const database = await (location === undefined ? openTestDatabase() : openDatabase(location));
  const sequencer = await startSequencer(
    {
      database,
      artifacts: createFolderStore(join(folder, 'artifacts')),
      workflows: [echoWorkflow('echo'), echoWorkflow('other')],
      // what one owner does in these tests would be too much
      limits: { openTasks: 100_000, tasksPerMinute: 100_000, callsPerMinute: 1e9 },
      ...options,
    },
    clock,
    isStepwise,
  );
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
    database,
    /** Where its files are. */
    folder: join(folder, 'artifacts'),
    /** The consumer's, as the protocol has them. */
    credentials: { consumer_id, api_key },
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
    /** Cancels every task so far, so that each test begins with an empty queue. */
    async cancelAll() {
      for (const task of created.splice(0)) await call('task_cancel', task);
    },
    query: async (task_id: string) => (await call('task_result_query', { task_id, api_key })).json,
    cancel: (task_id: string) => call('task_cancel', { task_id, api_key }),
    claim: async (more: object = {}, key = rig) =>
      (await call('miner_request', { workflow_ids: ['echo'], ...more }, key)).json,
    heartbeat: (lease_id: string, progress?: object, key = rig) => call('miner_heartbeat', { lease_id, progress }, key),
    /** Many heartbeats in one call: `results` in their order. */
    heartbeats: (heartbeats: readonly unknown[], more: object = {}, key = rig) =>
      call('miner_heartbeats', { heartbeats, ...more }, key),
    /**
     * Many heartbeats whose answer is held now. A replica that was too busy to hear news holds none: it is asked again.
     *
     * @returns `answer`: what is answered in the end
     */
    async holdHeartbeats(heartbeats: readonly unknown[], key = rig) {
      for (;;) {
        const answer = call('miner_heartbeats', { heartbeats, wait_seconds: 20 }, key);
        const early = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 300, undefined))]);
        if (!early) return { answer };
      }
    },
    submit: (lease_id: string, more: object = {}, key = rig) =>
      call('miner_submit', { lease_id, success: true, ...more }, key),
    /** Makes the heartbeats of all running tasks older. */
    async ageHeartbeats(seconds: number) {
      const query = `UPDATE pgboss.job SET heartbeat_on = heartbeat_on - $1 * interval '1 second' WHERE state = 'active'`;
      await database.query(query, [seconds]);
    },
    /** Declares an output and stores it. */
    async upload(lease_id: string, text = 'result', declared: object = {}, key = rig) {
      const bytes = Buffer.from(text);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const facts = { filename: 'out.txt', kind: 'text', content_type: 'text/plain', bytes: bytes.length, sha256 };
      const { json } = await call('miner_upload', { lease_id, ...facts, ...declared }, key);
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
