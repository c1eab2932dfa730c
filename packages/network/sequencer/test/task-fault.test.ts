// A failure that the sequencer can check itself needs no second miner.
import { rmSync } from 'node:fs';
import { defineWorkflow } from '@heurist/core/definition';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { type Network, startNetwork } from './support/network.ts';

const picture = defineWorkflow({
  workflow_id: 'picture',
  task_type: 'picture',
  title: 'Picture',
  parameters: z.strictObject({ image: z.string() }),
  graph: { load: { class_type: 'LoadImage', inputs: { image: '' } } },
  bindings: { image: { node: 'load', input: 'image' } },
  files: { image: { kind: 'image', max_bytes: 100 } },
  outputs: ['load'],
  requirements: { nodes: ['LoadImage'], models: [] },
});
/** Takes larger files, so that one that is too large for the other can be stored at all. */
const poster = { ...picture, workflow_id: 'poster', files: { image: { kind: 'image' as const, max_bytes: 1000 } } };
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

let network: Network;
let other: string;
beforeAll(async () => {
  network = await startNetwork({ workflows: [picture, poster] });
  other = await network.sequencer.createKey('miner', 'other');
  await network.claim({ workflow_ids: ['picture'] }, other);
});
beforeEach(() => network.cancelAll());
afterAll(() => network.stop());

/** Uploads an input. Returns its address. */
async function store(content_type: string, bytes: Buffer): Promise<string> {
  const { json } = await network.call('file_create', { content_type, bytes: bytes.length }, network.consumer);
  await fetch(json.upload_url, { method: 'PUT', body: new Uint8Array(bytes) });
  return json.url;
}

/** What becomes of a task whose miner reports a final failure, while another miner is connected. */
async function fail(image: string, code: string): Promise<string> {
  const { json } = await network.create({ task_type: 'picture', task_details: { parameters: { image } } });
  const { lease_id, task_id } = await network.claim({ workflow_ids: ['picture'] });
  expect(task_id).toBe(json.task_id);
  const error = { code, message: 'no', is_retryable: false };
  expect((await network.submit(lease_id, { success: false, error })).status).toBe(200);
  const { status } = await network.query(task_id);
  await network.cancelAll();
  // what waited for the other miner a moment ago is remembered for half a second
  if (status === 'waiting') await new Promise((resolve) => setTimeout(resolve, 600));
  return status;
}

test('a file that is no picture fails the task at once, and one that looks like one does not', async () => {
  expect(await fail(await store('application/octet-stream', Buffer.from('no picture at all')), 'input_invalid')).toBe(
    'failed',
  );
  expect(await fail(await store('image/png', PNG), 'input_invalid')).toBe('waiting');
  // nor one that is elsewhere
  expect(await fail('https://example.com/a.png', 'input_invalid')).toBe('waiting');
});

test('a file that was announced only, or is gone, is unreachable', async () => {
  const stored = await store('image/png', PNG);
  expect(await fail(stored, 'input_unreachable')).toBe('waiting');
  await network.database.query('DELETE FROM heurist.artifact WHERE stored_at IS NOT NULL');
  expect(await fail(stored, 'input_unreachable')).toBe('failed');
  const { json } = await network.call('file_create', { content_type: 'image/png', bytes: 16 }, network.consumer);
  expect(await fail(json.url, 'input_unreachable')).toBe('failed');
  expect(await fail('ftp://example.com/a.png', 'input_unreachable')).toBe('failed');
});

test('a file whose bytes are gone proves nothing, and the report is accepted', async () => {
  const stored = await store('application/octet-stream', Buffer.from('no picture at all'));
  rmSync(network.folder, { recursive: true });
  expect(await fail(stored, 'input_invalid')).toBe('waiting');
});

test('a file over the limit of the workflow is too large', async () => {
  expect(await fail(await store('image/png', Buffer.concat([PNG, Buffer.alloc(100)])), 'input_too_large')).toBe(
    'failed',
  );
  expect(await fail(await store('image/png', PNG), 'input_too_large')).toBe('waiting');
});

test('a file that its parameter does not take is refused before it is sent, if another workflow takes it', async () => {
  const declare = async (use: object) => {
    const body = { content_type: 'image/png', bytes: 116, task_type: 'picture', ...use };
    const { status, json } = await network.call('file_create', body, network.consumer);
    return status === 200 ? 'taken' : json;
  };
  expect(await declare({ workflow_id: 'picture', parameter: 'image' })).toMatchObject({
    code: 'payload_too_large',
    message: 'The file has 116 bytes, more than the 100 that `image` takes. Make it smaller.',
  });
  expect(await declare({ workflow_id: 'poster', parameter: 'image' })).toBe('taken');
  expect(await declare({})).toBe('taken');
});

test('parameters are checked again; what only a miner can know is not', async () => {
  const image = await store('application/octet-stream', Buffer.from('no picture at all'));
  expect(await fail(image, 'invalid_parameters')).toBe('waiting');
  expect(await fail(image, 'execution_failed')).toBe('waiting');
});

test('nobody is blamed for a task that is at fault', async () => {
  const rows = () => network.database.query('SELECT failures FROM heurist.standing');
  const before = await rows();
  await fail(await store('application/octet-stream', Buffer.from('no picture at all')), 'input_invalid');
  expect(await rows()).toEqual(before);
});
