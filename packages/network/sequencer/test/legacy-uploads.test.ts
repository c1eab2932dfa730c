// Reference miners: where they are not accepted, and how much they may send at the same time.
import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import recorded from './recordings/reference-miner.json' with { type: 'json' };
import { echoWorkflow, type Network, startNetwork } from './support/network.ts';
import { signedClient } from './support/reference-miner.ts';

let network: Network;
afterEach(() => network.stop());

const claim = (address: string) => network.call('miner_request', { erc20_address: address, workflow_ids: ['echo'] });

test('they are refused before they take a task, unless the operator accepts them', async () => {
  const logged: string[] = [];
  const log = (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  network = await startNetwork({ logger: { info: () => {}, warn: log, error: log } });
  const { json } = await network.create();
  for (let time = 0; time < 3; time++)
    expect(await claim('0xabc')).toMatchObject({
      status: 401,
      json: { code: 'unauthorized', message: expect.stringMatching(/Reference miners.*--allow-legacy-miners/) },
    });
  expect(await network.query(json.task_id)).toMatchObject({ status: 'waiting' });
  // the miner itself logs no more than the status
  expect(logged).toEqual([expect.stringMatching(/reference miner was refused.*--allow-legacy-miners.*0xabc/)]);
  const { status } = await fetch(`${network.url}/dev/upload-video`, { method: 'POST', body: '{}' });
  expect(status).toBe(404);
});

test('what comfyui-miner-release was recorded to send finishes a task', async () => {
  network = await startNetwork({ allowLegacyMiners: true, workflows: [echoWorkflow('3', 'txt2img')] });
  await network.create({ task_type: 'txt2img' });
  const [ask, upload, submit] = recorded.map(({ body }) => body) as [string, string, string];
  const { task_id, credential } = (await network.call('miner_request', JSON.parse(ask))).json;
  const { task_id: recordedId } = JSON.parse(submit);
  const miner = signedClient(credential);
  const stored = await miner.fetch(`${network.url}/dev/upload-video`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: upload.replace(recordedId, task_id),
  });
  expect(stored.status).toBe(200);
  expect((await network.call('miner_submit', JSON.parse(submit.replaceAll(recordedId, task_id)))).status).toBe(200);
  expect(await network.query(task_id)).toMatchObject({
    status: 'finished',
    outputs: [{ content_type: 'image/jpeg', filename: expect.stringContaining(`${task_id}.jpg`) }],
  });
});

test('uploads in flight are counted, by task and in all', async () => {
  network = await startNetwork({ allowLegacyMiners: true, limits: { legacyUploads: 1 } });
  await network.create();
  await network.create();
  const [first, second] = [(await claim('0xa')).json, (await claim('0xb')).json];
  const headersOf = ({ credential }: typeof first) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${credential.access_key_id}/d/r/s/aws4_request, SignedHeaders=host;x-amz-date, Signature=00`,
    'x-amz-security-token': credential.session_token,
  });
  const upload = async (task: typeof first) => {
    const response = await fetch(`${network.url}/dev/upload-video`, {
      method: 'POST',
      headers: headersOf(task),
      body: '{}',
    });
    return [response.status, ((await response.json()) as { message: string }).message];
  };
  const slow = request(`${network.url}/dev/upload-video`, {
    method: 'POST',
    headers: { ...headersOf(first), 'content-length': 1000 },
  });
  slow.on('error', () => {});
  slow.write('{');
  await expect.poll(() => upload(first)).toEqual([429, expect.stringContaining('Another upload for this task')]);
  expect(await upload(second)).toEqual([503, expect.stringContaining('1 uploads of reference miners')]);
  slow.destroy();
  // their signature is looked at again
  await expect.poll(() => upload(second)).toEqual([401, expect.stringContaining('does not fit its signature')]);
});
