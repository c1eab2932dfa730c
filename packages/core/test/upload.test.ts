import { expect, test } from 'vitest';
import { Heurist } from '../src/index.ts';
import { startStub } from './stub-sequencer.ts';

const png = Buffer.from('89504e470d0a1a0a0000', 'hex');

async function upload(source: Parameters<Heurist['workflow']['uploadFile']>[0], slot: object = {}) {
  const stub = await startStub({
    file_create: () => ({ json: { upload_url: `${stub.url}/slot?signature=s`, url: 'https://files/1', ...slot } }),
    'slot?signature=s': () => ({ json: {} }),
  });
  await using _ = stub;
  const heurist = new Heurist({ apiKey: 'a#b', workflowURL: stub.url });
  const url = await heurist.workflow.uploadFile(source).catch((error: unknown) => error);
  return { url, calls: stub.calls };
}

test('a file is announced with its real type, and put to its slot', async () => {
  const { url, calls } = await upload(new Blob([png]), { upload_headers: { 'x-signed': 'yes' } });
  expect(url).toBe('https://files/1');
  expect(calls).toMatchObject([
    { name: 'file_create', body: { consumer_id: 'a', api_key: 'b', content_type: 'image/png', bytes: 10 } },
    { name: 'slot?signature=s', method: 'PUT', headers: { 'x-signed': 'yes', 'content-type': 'image/png' } },
  ]);
  expect(calls[1]?.headers['content-length']).toBe('10');
});

test('what is not a file is refused before anything is sent', async () => {
  const { url, calls } = await upload(new Blob(['this is text']));
  expect(url).toMatchObject({ code: 'invalid_input' });
  expect(calls).toEqual([]);
});
