import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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
  const network = await startNetwork();
  for (const host of [
    '127.0.0.1',
    '[::1]',
    '169.254.169.254',
    '10.0.0.1',
    '2130706433',
    '0x7f.1',
    '[::ffff:127.0.0.1]',
  ]) {
    const { status, json } = await network.create({ webhook_url: `http://${host}:${port}/` });
    expect([host, status, json.message]).toEqual([host, 400, expect.stringContaining('must be a public address')]);
  }
  // a name is looked up when the message is sent
  const { json } = await network.create({ webhook_url: `http://localhost:${port}/` });
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
