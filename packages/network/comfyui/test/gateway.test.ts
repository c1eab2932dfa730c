// A ComfyUI behind a gateway that wants a password, and below a path.
import { inspect } from 'node:util';
import { createFastClock } from '@heurist/server-kit/fast-clock';
import { startGateway } from '@heurist/test-servers/gateway';
import { expect, test } from 'vitest';
import { ComfyClient, type ComfyProgress } from '../src/index.ts';
import { readPrompts } from './recording.ts';
import { startReplay } from './replay-server.ts';

const [success] = readPrompts('01_success').filter(({ history }) => history);
if (!success) throw new Error('The recordings have no success.');
const { graph } = success;

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

test.each([
  ['me:secret', 'me:secret', {}],
  ['me:p%40ss%2Fw%3Ard%25', 'me:p@ss/w:rd%', {}],
  ['', 'from:headers', { authorization: basic('from:headers') }],
])('http://%s@host: calls and sockets send %s', async (info, pair, headers) => {
  await using server = await startReplay(success!);
  const gateway = await startGateway(server.url, { prefix: '/my/comfy', authorization: basic(pair) });
  const url = gateway.url.replace('//', info ? `//${info}@` : '//');
  const client = new ComfyClient({ url, headers }, createFastClock(10));
  const seen: ComfyProgress[] = [];
  const { outputs } = await client.run(graph, { onProgress: (progress) => seen.push(progress) });
  expect(outputs.length).toBeGreaterThan(0);
  // it comes by the socket alone
  expect(seen.length).toBeGreaterThan(1);
  expect(gateway.asked.filter((line) => line.startsWith('no '))).toEqual([]);
  expect(gateway.asked[0]).toMatch(/^SOCKET \/my\/comfy\/ws\?clientId=/);
  expect(client.url).toBe(`${gateway.url}/`);
  await gateway.close();
});

test.each([
  ['me:wrong%21@', / Check the user name and password in its address\.$/],
  ['', / It wants a user name and password: put them into its address/],
])('http://%shost is refused, and the password is not said', async (info, advice) => {
  const gateway = await startGateway('http://127.0.0.1:9', { authorization: basic('me:secret') });
  const client = new ComfyClient({ url: gateway.url.replace('//', `//${info}`) });
  const error = await client.queue().catch((error: Error) => error);
  expect(error).toMatchObject({ message: expect.stringMatching(advice) });
  expect(inspect([error, client], { depth: 10 })).not.toMatch(/wrong/);
  await gateway.close();
});

test('an address that cannot be reached is named without the password', async () => {
  const client = new ComfyClient({ url: 'http://me:secret@127.0.0.1:9/' });
  const error = (await client.systemStats().catch((error: Error) => error)) as Error;
  expect(error.message).toBe(
    'Cannot reach ComfyUI at http://127.0.0.1:9/. Check that it is running and that the address is right.',
  );
});
