// Addresses that are handed out, behind proxies: by --public-url, or by what a trusted proxy says.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { listen } from '@heurist/server-kit/listen';
import { type Gateway, startGateway } from '@heurist/test-servers/gateway';
import { afterEach, describe, expect, test } from 'vitest';
import { type Network, startNetwork } from './support/network.ts';

const toStop: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of toStop.splice(0).reverse()) await each.stop();
});

const bytes = Buffer.from('hello');
const declared = { content_type: 'text/plain', bytes: bytes.length };

describe.each([
  ['https://tasks.example.com/api/heurist/', true],
  ['https://tasks.example.com/api/heurist', false],
  ['https://tasks.example.com:8443/a%20b/', false],
  ['https://tasks.example.com', true],
  ['https://[2001:db8::1]:8443/x/', true],
  ['https://tasks.example.com/a//b/', true],
  ['https://tasks.example.com/artifacts', true],
  ['https://tasks.example.com/artifacts', false],
])('public URL %s, path taken away: %s', (publicUrl, strips) => {
  const prefix = new URL(publicUrl).pathname.replace(/\/$/, '');
  const base = `${new URL(publicUrl).origin}${prefix}/`;

  async function start(): Promise<{ network: Network; gateway: Gateway; reach: (link: string) => string }> {
    const network = await startNetwork({ publicUrl, allowPrivateWebhooks: true });
    toStop.push(network);
    const gateway = await startGateway(network.url, { prefix, strips });
    toStop.push({ stop: () => gateway.close() });
    return {
      network,
      gateway,
      reach(link) {
        expect(link.slice(0, base.length)).toBe(base);
        return `${gateway.url}/${link.slice(base.length)}`;
      },
    };
  }

  test('every link begins with it, and leads there', async () => {
    const { network, gateway, reach } = await start();
    const announced = Promise.withResolvers<string>();
    const receiver = createServer(async (request, response) => {
      announced.resolve(Buffer.concat(await request.toArray()).toString());
      response.end();
    });
    toStop.push({ stop: async () => receiver.close() });
    const webhook_url = `${await listen(receiver, 0, '127.0.0.1')}/hook`;
    const call = async (name: string, body: object, key: string) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
      const response = await fetch(`${gateway.url}/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return await response.text();
    };
    const ask = async (name: string, body: object, key = network.consumer) => JSON.parse(await call(name, body, key));
    const slot = await ask('file_create', declared);
    expect((await fetch(reach(slot.upload_url), { method: 'PUT', body: bytes })).status).toBe(200);
    expect(await (await fetch(reach(slot.url))).text()).toBe('hello');
    const parameters = { text: 'hi', image: slot.url };
    const { task_id } = await ask('task_create', { task_type: 'echo', task_details: { parameters }, webhook_url });
    const claim = await ask('miner_request', { workflow_ids: ['echo'] }, network.rig);
    expect(await (await fetch(reach(claim.task_details.parameters.image))).text()).toBe('hello');
    const { lease_id } = claim;
    const output = { lease_id, ...declared, filename: 'x.txt', kind: 'text', sha256: sha256Of('hello') };
    const upload = await ask('miner_upload', output, network.rig);
    expect((await fetch(reach(upload.upload_url), { method: 'PUT', body: bytes })).status).toBe(200);
    const artifact_ids = [upload.artifact_id];
    await ask('miner_submit', { lease_id, success: true, artifact_ids }, network.rig);
    const state = await ask('task_result_query', { task_id });
    expect(await (await fetch(reach(state.result))).text()).toBe('hello');
    const { results } = await ask('tasks_query', { task_ids: [task_id] });
    const events = await call('task_events', { task_id }, network.consumer);
    const webhook = JSON.parse(await announced.promise);
    for (const link of [
      state.outputs[0].url,
      results[0].result,
      /"result":"([^"]+)/.exec(events)?.[1],
      webhook.data.result,
    ])
      expect(link.slice(0, base.length)).toBe(base);
    const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { servers: object };
    expect(document.servers).toEqual([{ url: base.slice(0, -1) }]);
    // those beside the proxy use it too
    expect((await fetch(`${network.url}/healthz`)).status).toBe(200);
  });
});

describe('behind trusted proxies, without a public URL', () => {
  const uploadUrl = async (network: Network, headers: Record<string, string>) => {
    const authorization = `Bearer ${network.consumer}`;
    const response = await fetch(`${network.url}/file_create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization, ...headers },
      body: JSON.stringify(declared),
    });
    const { upload_url } = (await response.json()) as { upload_url: string };
    return upload_url.replace(/artifacts\/.*/, '').replace(network.url, 'HERE');
  };
  const said = {
    'x-forwarded-for': '192.0.2.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'tasks.example.com',
    'x-forwarded-prefix': '/heurist',
  };

  test('links are as the caller sees them: https behind TLS', async () => {
    const network = await startNetwork({ trustedProxies: ['loopback'] });
    toStop.push(network);
    expect(await uploadUrl(network, said)).toBe('https://tasks.example.com/heurist/');
    expect(await uploadUrl(network, { forwarded: 'for=192.0.2.1;host=a.example;proto=https' })).toBe(
      'https://a.example/',
    );
    const { host } = new URL(network.url);
    expect(await uploadUrl(network, { 'x-forwarded-proto': 'https' })).toBe(`https://${host}/`);
    expect(await uploadUrl(network, { 'x-forwarded-proto': 'gopher', 'x-forwarded-host': 'a b' })).toBe('HERE/');
  });

  test('pages without a key are shown under the name that a proxy was asked under, which it passes on as Host too', async () => {
    const network = await startNetwork({ trustedProxies: ['loopback'] });
    toStop.push(network);
    expect(await documentFor(network, 'tasks.example.com', said)).toEqual([200, 'https://tasks.example.com/heurist']);
    expect(await documentFor(network, 'tasks.example.com', {})).toEqual([403, undefined]);
  });

  test('nobody else is believed', async () => {
    const network = await startNetwork({ trustedProxies: ['192.0.2.0/24'] });
    toStop.push(network);
    expect(await uploadUrl(network, said)).toBe('HERE/');
    expect(await documentFor(network, 'tasks.example.com', said)).toEqual([403, undefined]);
  });
});

/** By `node:http`: `fetch` sets `Host` itself. */
async function documentFor(
  { url }: Network,
  host: string,
  headers: Record<string, string>,
): Promise<[status: number | undefined, server: string | undefined]> {
  const [response] = await once(get(`${url}/openapi.json`, { headers: { ...headers, host } }), 'response');
  const { servers } = JSON.parse(Buffer.concat(await response.toArray()).toString());
  return [response.statusCode, servers?.[0].url];
}

test.each(['tasks.example.com', 'ftp://a', 'https://me:hush@a', 'https://a/?b=c', 'https://a/#b', 'https://a/%E0'])(
  '%s cannot be the public URL',
  async (publicUrl) => {
    const error = await startNetwork({ publicUrl }).catch((error: Error) => error);
    expect(error).toMatchObject({ code: 'invalid_configuration' });
    expect((error as Error).message).not.toContain('hush');
  },
);

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');
