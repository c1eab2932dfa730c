import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen } from '@heurist/server-kit/listen';
import { expect, test } from 'vitest';
import { startNetwork } from './support/network.ts';

test('webhooks never reach private addresses, by address or by name', async () => {
  let hits = 0;
  const inside = createServer((_, response) => {
    hits++;
    response.end();
  });
  await new Promise<void>((resolve) => inside.listen(0, resolve));
  const { port } = inside.address() as AddressInfo;
  const logged: string[] = [];
  const logger = { info() {}, error() {}, warn: (...line: unknown[]) => void logged.push(JSON.stringify(line)) };
  const network = await startNetwork({ logger });
  for (const host of [
    '127.0.0.1',
    '[::1]',
    '169.254.169.254',
    '10.0.0.1',
    '2130706433',
    '0x7f.1',
    '[::ffff:127.0.0.1]',
    '127.1',
    '0.0.0.0',
    'localhost',
    'LOCALHOST.',
    'app.localhost',
    'db',
    'db.internal',
  ]) {
    const { status, json } = await network.create({ webhook_url: `http://${host}:${port}/` });
    expect([host, status, json.message]).toEqual([host, 400, expect.stringContaining('must be a public address')]);
    // who can allow it learns how, and nobody else
    expect(json.message).not.toContain('--');
    expect(logged.at(-1)).toContain('--private-hosts');
  }
  // another name is looked up when the message is sent: this one is recorded by a version that did not look
  const { json } = await network.create({ webhook_url: `http://example.com:${port}/` });
  const rename = 'UPDATE heurist.webhook SET url = $2 WHERE task_id = $1';
  await network.database.query(rename, [json.task_id, `http://localhost:${port}/`]);
  await network.cancel(json.task_id);
  const failure = async () => {
    const query = 'SELECT last_error FROM heurist.webhook WHERE task_id = $1';
    return (await network.database.query(query, [json.task_id]))[0].last_error;
  };
  await expect.poll(failure).toContain('localhost');
  expect(hits).toBe(0);
  await network.stop();
  inside.close();
});

test('what the operator lists is called, by its address or its name, and nothing else', async () => {
  const paths: string[] = [];
  const inside = createServer((request, response) => {
    paths.push(request.url ?? '');
    response.end();
  });
  const { port } = new URL(await listen(inside, 0, '127.0.0.1'));
  const network = await startNetwork({ privateHosts: [`127.0.0.1:${port}`, `localhost:${port}`] });
  const end = async (host: string) => {
    const { status, json } = await network.create({ webhook_url: `http://${host}/${host}` });
    if (status === 200) await network.cancel(json.task_id);
    return status;
  };
  expect(await Promise.all([`127.0.0.1:${port}`, `localhost:${port}`, '127.0.0.1:1', '10.0.0.1'].map(end))).toEqual([
    200, 200, 400, 400,
  ]);
  await expect.poll(() => paths.toSorted()).toEqual([`/127.0.0.1:${port}`, `/localhost:${port}`]);
  await network.stop();
  inside.close();
});

test('a list that cannot be read is refused at the start', async () => {
  await expect(startNetwork({ privateHosts: ['10.0.0.0/99'] })).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('"10.0.0.0/99"'),
  });
});
