// Real proxies in front of one sequencer and of two, as docs/deploy/proxies.md sets them up.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { Heurist } from '@heurist/core';
import { createMiner } from '@heurist/miner';
import { createFolderStore, createSequencer, openDatabase, type Sequencer } from '@heurist/sequencer';
import { createCertificate, type TestCertificate } from '@heurist/test-servers/certificate';
import { freePorts } from '@heurist/test-servers/free-port';
import { startPostgres, type TestServer } from '@heurist/test-servers/postgres';
import { findProxy, proxies, startProxy } from '@heurist/test-servers/real-proxies';
import { type SlowComfyui, startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { echo, paint } from '@heurist/test-servers/workflows';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

let home: string;
let certificate: TestCertificate;
let postgres: TestServer;
let comfyui: SlowComfyui;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'proxies-'));
  certificate = createCertificate(home);
  // what NODE_EXTRA_CA_CERTS does at the start of a process
  tls.setDefaultCACertificates([...tls.getCACertificates(), readFileSync(certificate.authority, 'utf8')]);
  [postgres, comfyui] = await Promise.all([startPostgres(), startSlowComfyui({ durations: [1500] })]);
});
afterAll(async () => {
  await comfyui.stop();
  await postgres.stop();
  await rm(home, { recursive: true, force: true });
});

const picture = () =>
  sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
    .png()
    .toBuffer();

const setups = (Object.keys(proxies) as (keyof typeof proxies)[]).flatMap((name) => [
  { name, replicas: 1, isBelowPath: false },
  { name, replicas: 2, isBelowPath: true },
]);

describe.each(setups)('$name, $replicas, below a path: $isBelowPath', ({ name, replicas, isBelowPath }) => {
  if (!findProxy(name)) {
    test.skip(`${name} is not installed: this is not tested. Install Debian's package ${name}.`, () => {});
    return;
  }

  let base: string;
  let keys: { consumer: string; miner: string };
  let sequencers: Sequencer[];
  const stops: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    const ports = (await freePorts(2)) as [number, number];
    const folder = await mkdtemp(join(home, `${name}-`));
    const proxy = await startProxy(name, { folder, certificate, ports, isBelowPath });
    stops.push(() => proxy.stop());
    base = `https://localhost:${proxy.port}${isBelowPath ? '/heurist' : ''}`;
    const database = await postgres.createDatabase();
    sequencers = [];
    for (const port of ports.slice(0, replicas)) {
      const sequencer = await createSequencer({
        database: await openDatabase(database),
        artifacts: createFolderStore(join(folder, 'files')),
        workflows: [paint, echo],
        trustedProxies: ['127.0.0.1'],
        limits: { failedCalls: 5 },
        ...(isBelowPath && { publicUrl: base }),
      });
      await sequencer.listen({ port });
      stops.push(() => sequencer.close());
      sequencers.push(sequencer);
    }
    const [first] = sequencers as [Sequencer];
    keys = { consumer: await first.createKey('consumer', 'acme'), miner: await first.createKey('miner', 'rig') };
    await expect.poll(() => statusOf('healthz'), { timeout: 15_000 }).toBe(200);
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  const statusOf = async (path: string) =>
    await fetch(`${base}/${path}`).then(
      ({ status }) => status,
      () => 0,
    );
  const call = (path: string, body: object, key = keys.consumer, signal?: AbortSignal) =>
    fetch(`${base}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
  const create = async (task_type: string, parameters: object) =>
    ((await (await call('task_create', { task_type, task_details: { parameters } })).json()) as { task_id: string })
      .task_id;

  test('health checks and the document answer, and name the address of the proxy', async () => {
    expect([await statusOf('livez'), await statusOf('healthz'), await statusOf('readyz')]).toEqual([200, 200, 200]);
    const document = (await (await fetch(`${base}/openapi.json`)).json()) as { servers: object };
    expect(document.servers).toEqual([{ url: base }]);
  });

  test('the SDK uploads, a miner works, and the result comes by https, all through it', async () => {
    const miner = createMiner({ sequencer: base, key: keys.miner, comfyui: comfyui.url, workflows: [paint] });
    await miner.start();
    const heurist = new Heurist({ workflowURL: base, apiKey: keys.consumer });
    const bytes = new Uint8Array(5_000_000).fill(7);
    bytes.set(await picture());
    const url = await heurist.workflow.uploadFile(new Blob([bytes], { type: 'image/png' }));
    expect(url.slice(0, base.length + 11)).toBe(`${base}/artifacts/`);
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(bytes.length);
    const task_id = await create('paint', { color: 0xff0000 });
    const states: string[] = [];
    const events = await call('task_events', { task_id });
    // the stream ends with the task; buffered, all of it would come at once
    const arrivals: number[] = [];
    for await (const chunk of events.body!) {
      arrivals.push(Date.now());
      states.push(Buffer.from(chunk).toString());
    }
    expect(arrivals.at(-1)! - arrivals[0]!).toBeGreaterThan(500);
    const [, result = ''] = /"result":"([^"]+)"/.exec(states.join('')) ?? [];
    expect(result.slice(0, base.length + 11)).toBe(`${base}/artifacts/`);
    expect((await fetch(result)).headers.get('content-type')).toBe('image/png');
    await miner.stop();
  });

  test('a quiet stream is passed on as it comes, with its comments', async () => {
    const task_id = await create('echo', { text: 'hi' });
    const begin = Date.now();
    const stop = new AbortController();
    const events = await call('task_events', { task_id }, keys.consumer, stop.signal);
    const reader = events.body!.getReader();
    const next = async () => Buffer.from((await reader.read()).value ?? []).toString();
    expect(await next()).toContain('event: task');
    expect(Date.now() - begin).toBeLessThan(1500);
    let text = '';
    while (!text.includes(': keep-alive')) text = await next();
    expect(Date.now() - begin).toBeLessThan(5500);
    stop.abort();
  });

  test('a long poll is held, and ends as soon as there is a task', async () => {
    const poll = call('miner_request', { workflow_ids: ['echo'], wait_seconds: 20 }, keys.miner);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const task_id = await create('echo', { text: 'hi' });
    const created = Date.now();
    expect(await (await poll).json()).toMatchObject({ task_id });
    expect(Date.now() - created).toBeLessThan(1500);
  });

  test('a caller cannot write another address than its own', async () => {
    const { port } = new URL(base);
    const wrong = (spoofed: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = {
          host: `localhost:${port}`,
          'x-forwarded-for': spoofed,
          'content-type': 'application/json',
          authorization: `Bearer acme#${Math.random()}`,
        };
        const path = `${new URL(base).pathname.replace(/\/$/, '')}/network_status`;
        const to = { host: '127.0.0.1', servername: 'localhost', port, path, method: 'POST', headers };
        const sent = request({ ...to, localAddress: '127.0.0.9', agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on('error', reject).end('{}');
      });
    const statuses = [];
    for (let count = 0; count < 12; count++) statuses.push(await wrong(`198.51.100.${count}`));
    expect(statuses[0]).toBe(401);
    await expect.poll(() => wrong('198.51.100.99')).toBe(429);
    // others are not held up
    expect((await call('network_status', {})).status).toBe(200);
  });

  if (replicas > 1)
    test('what one sequencer leaves, the other goes on with', async () => {
      const task_id = await create('echo', { text: 'hi' });
      await sequencers[0]!.close();
      stops.splice(-2, 1);
      await expect
        .poll(async () => (await call('task_result_query', { task_id })).status, { timeout: 15_000 })
        .toBe(200);
    });
});
