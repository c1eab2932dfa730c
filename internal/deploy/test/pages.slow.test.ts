// docs/deploy/one-machine.md, studio.md and company.md, followed to the letter: with the packages as they are published. Only
// addresses, ports, and paths and accounts of the system are replaced.
import { chmodSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { workflows } from '@heurist/cli';
import { App } from '@heurist/release/app';
import { listPackages, publish } from '@heurist/release/packages';
import { type Registry, startRegistry } from '@heurist/release/registry';
import { cleanEnvironment, run } from '@heurist/release/run';
import { createCertificate, type TestCertificate } from '@heurist/test-servers/certificate';
import { freePort, freePorts } from '@heurist/test-servers/free-port';
import { startPostgres } from '@heurist/test-servers/postgres';
import { findProxy, startProxy } from '@heurist/test-servers/real-proxies';
import { readObjectInfo } from '@heurist/test-servers/recordings';
import { startS3, testAccount } from '@heurist/test-servers/s3';
import { startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Machine } from '../src/machine.ts';
import { readBlocks, readListed, root } from '../src/page.ts';

const pages = { one: 'docs/deploy/one-machine.md', studio: 'docs/deploy/studio.md', company: 'docs/deploy/company.md' };
const MINER_PAGE = 'docs/miner/systemd.md';
/** What an app runs for one task, and for several. */
const program = `import { Heurist } from '@heurist/core';
import { Text2ImageTask } from '@heurist/text2image';
const heurist = new Heurist({ allowInsecureHttp: true });
const draw = () => heurist.workflow.run(new Text2ImageTask({ workflow_id: 'sd15', prompt: 'a red apple' }), { timeout: 120_000 });
const results = await Promise.all(Array.from({ length: Number(process.argv[2]) }, draw));
for (const { image } of results) console.log((await fetch(image.url)).status, image.url);
`;
const folder = mkdtempSync(join(tmpdir(), 'pages-'));
/** Of this machine in its network, if it has one: a miner treats it as another machine's. */
const address =
  Object.values(networkInterfaces())
    .flat()
    .find((found) => found?.family === 'IPv4' && !found.internal)?.address ?? '127.0.0.1';
const postgresPrograms = globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1);
const isRoot = userInfo().uid === 0;

let registry: Registry;
let app: App;
let certificate: TestCertificate;
/** Of every machine. */
let env: NodeJS.ProcessEnv;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  chmodSync(folder, 0o755);
  registry = await startRegistry(folder);
  await publish(listPackages(root), registry);
  app = new App(join(folder, 'app'), registry);
  await app.line('npm install @heurist/core @heurist/text2image');
  app.write('app.mjs', program);
  certificate = createCertificate(folder);
  const prefix = join(folder, 'prefix');
  env = {
    ...cleanEnvironment(),
    PATH: [join(prefix, 'bin'), process.env.PATH].join(delimiter),
    npm_config_prefix: prefix,
    npm_config_cache: registry.cache,
    npm_config_registry: registry.url,
    npm_config_audit: 'false',
    NODE_EXTRA_CA_CERTS: certificate.authority,
  };
}, 300_000);

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

afterAll(async () => {
  await registry?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Place {
  replace: Record<string, string>;
  serviceEnv?: NodeJS.ProcessEnv;
  env?: NodeJS.ProcessEnv;
}

function createMachine(name: string, { replace, serviceEnv = {}, env: more = {} }: Place): Machine {
  const machine = new Machine({ folder: join(folder, name), replace, serviceEnv, env: { ...env, ...more } });
  stops.push(() => machine.stopAll());
  return machine;
}

const keysOf = (machine: Machine): Record<'consumer' | 'miner' | 'operator', string> =>
  JSON.parse(machine.read('var/lib/heurist/credentials.json'));

interface GpuOptions {
  url: string;
  key: string;
  /** Texts of the page, such as its address of the sequencer. */
  replace?: Record<string, string>;
  /** A `miner.env`, in the place of the one in the page of the miner. */
  minerEnv?: string;
  /** Of a picture, in milliseconds. */
  duration?: number;
}

/** A machine with a GPU, as the page of the miner sets it up. */
async function startGpu(name: string, { url, key, replace = {}, minerEnv, duration = 50 }: GpuOptions) {
  const models = workflows.find(({ workflow_id }) => workflow_id === 'sd15')!.requirements.models;
  const checkpoints = models.map(({ filename }) => filename);
  const comfyui = await startSlowComfyui({
    durations: [duration],
    objectInfo: readObjectInfo(),
    models: { checkpoints },
  });
  stops.push(() => comfyui.stop());
  const HEURIST_STATUS_PORT = `${await freePort()}`;
  const machine = createMachine(name, {
    replace: { 'https://tasks.example.com': url, 'http://127.0.0.1:8188': comfyui.url, 'minerId#key': key, ...replace },
    serviceEnv: { HEURIST_STATUS_PORT },
  });
  const [block = ''] = readBlocks(MINER_PAGE, 'sh');
  // ComfyUI itself is only installed
  const [before, after] = block.split(/^HEURIST_SEQUENCER_URL[\s\S]*?(?=^END$)/m);
  await machine.follow(minerEnv ? before + minerEnv + after : block, ['heurist-miner']);
  await machine.isUp('heurist-miner', `http://127.0.0.1:${HEURIST_STATUS_PORT}/healthz`);
  return { machine, comfyui };
}

/** Runs tasks from an app. Resolves when it has the file of each. */
async function draw(url: string, key: string, count = 1): Promise<void> {
  app.set({ HEURIST_WORKFLOW_URL: url, HEURIST_API_KEY: key, NODE_EXTRA_CA_CERTS: certificate.authority });
  const printed = await app.run('node', 'app.mjs', `${count}`);
  expect(printed.trim().split('\n')).toEqual(Array(count).fill(expect.stringMatching(/^200 http/)));
}

test.skipIf(!findProxy('caddy'))(
  'one machine (skipped without Caddy: install the package caddy)',
  async () => {
    const port = await freePort();
    const [setUp = '', ...others] = readBlocks(pages.one, 'sh');
    const look = readListed(pages.one, 'sh');
    expect(others[0]).toMatch(/^docker build/);
    mkdirSync(join(folder, 'caddy'));
    const ports = [port, port] as const;
    // Caddy would ask an authority of the internet for a certificate
    const tls = '    tls /etc/ssl/tasks.example.com.pem /etc/ssl/tasks.example.com.key\n';
    const lines = readListed(pages.one, 'text').replace('{\n', `{\n${tls}`);
    const proxy = await startProxy('caddy', {
      folder: join(folder, 'caddy'),
      certificate,
      ports,
      isBelowPath: false,
      lines,
    });
    stops.push(() => proxy.stop());
    const url = `https://localhost:${proxy.port}`;
    const machine = createMachine('one', {
      replace: { 'https://tasks.example.com': url },
      serviceEnv: { HEURIST_PORT: `${port}` },
    });
    const printed = await machine.follow(setUp, ['heurist-sequencer']);
    const keys = keysOf(machine);
    expect(printed).toContain(keys.operator);
    await startGpu('one-gpu', { url, key: keys.miner });
    const shown = await machine.sh(look.replace('local#KEY', keys.consumer));
    expect(shown).toContain('sd15');
    expect(shown).not.toMatch(/^fail/m);
    await draw(url, keys.consumer);
  },
  300_000,
);

describe.skipIf(!isRoot || !postgresPrograms)('a studio (skipped without root and Debian’s package postgresql)', () => {
  test('is set up, serves people with keys of their own, and three GPUs', async () => {
    const port = await freePort();
    const url = `http://${address}:${port}`;
    const [setUp = '', check = '', people = ''] = readBlocks(pages.studio, 'sh');
    const [minerEnv = ''] = readBlocks(pages.studio, 'text');
    const socket = await startDebianPostgres();
    const machine = createMachine('studio', {
      // the account of the system and of the database
      replace: {
        'host=/var/run/postgresql': `host=${socket.folder}&port=${socket.port}`,
        'createuser heurist': `createuser ${userInfo().username}`,
        '--owner heurist': `--owner ${userInfo().username}`,
        'http://192.168.1.10:8787': url,
      },
      env: { PGHOST: socket.folder, PGPORT: `${socket.port}`, PATH: `${postgresPrograms}${delimiter}${env.PATH}` },
      serviceEnv: { HEURIST_PORT: `${port}` },
    });
    await machine.follow(setUp, ['heurist-sequencer']);
    const keys = keysOf(machine);
    const printed = await machine.sh(people.replace('local#KEY', keys.operator));
    const [anna = '', ben = ''] = printed.match(/\b(?:anna|ben)#\S+/g) ?? [];
    const replace = { 'http://192.168.1.10:8787': url };
    const gpus = ['gpu-1', 'gpu-2', 'gpu-3'].map((name) => startGpu(name, { url, key: keys.miner, replace, minerEnv }));
    const [gpu] = await Promise.all(gpus);
    expect(await gpu!.machine.sh(check)).toContain('sd15');
    await draw(url, anna);
    await draw(url, ben, 12);
  }, 300_000);
});

/** A server as Debian's package sets it up: accounts of the system are accounts of the database, over its socket. */
async function startDebianPostgres() {
  const socket = mkdtempSync(join(tmpdir(), 'socket-'));
  chmodSync(socket, 0o777);
  const port = await freePort();
  const options = `-p ${port} -c listen_addresses= -c unix_socket_directories=${socket}`;
  const asPostgres = (command: string, ...args: string[]) =>
    run(
      'runuser',
      ['-u', 'postgres', '--', join(postgresPrograms!, command), '--pgdata', join(socket, 'data'), ...args],
      {
        cwd: socket,
      },
    );
  await asPostgres('initdb', '--auth-local', 'peer', '--auth-host', 'scram-sha-256');
  await asPostgres('pg_ctl', 'start', '--wait', '--log', join(socket, 'log'), '--options', options);
  stops.push(async () => {
    await asPostgres('pg_ctl', 'stop', '--mode', 'immediate');
    rmSync(socket, { recursive: true, force: true });
  });
  return { folder: socket, port };
}

/** Two machines with sequencers, PostgreSQL, S3, and HAProxy in front. */
async function startCompany(setUp: string) {
  const ports = (await freePorts(2)) as [number, number];
  const [postgres, storage] = await Promise.all([startPostgres(), startS3('heurist')]);
  stops.push(
    () => postgres.stop(),
    () => storage.stop(),
  );
  mkdirSync(join(folder, 'haproxy'));
  const setup = { folder: join(folder, 'haproxy'), certificate, ports, isBelowPath: false };
  const proxy = await startProxy('haproxy', setup);
  stops.push(() => proxy.stop());
  const url = `https://localhost:${proxy.port}`;
  const replace = {
    'postgres://heurist:PASSWORD@db.internal/heurist': await postgres.createDatabase(),
    'https://tasks.example.com': url,
    '10.0.0.0/8': 'loopback',
    'KEY-ID': testAccount.accessKeyId,
    '=SECRET': `=${testAccount.secretAccessKey}`,
    'eu-central-1': `us-east-1\nS3_ENDPOINT=${storage.endpoint}`,
  };
  const machines: Machine[] = [];
  for (const [index, port] of ports.entries()) {
    const machine = createMachine(`company-${index + 1}`, { replace, serviceEnv: { HEURIST_PORT: `${port}` } });
    machines.push(machine);
    await machine.follow(setUp, ['heurist-sequencer']);
    await machine.isUp('heurist-sequencer', `http://127.0.0.1:${port}/readyz`);
  }
  return { url, machines: machines as [Machine, Machine] };
}

describe.skipIf(!findProxy('haproxy'))('a company (skipped without HAProxy: install the package haproxy)', () => {
  test('goes on when a sequencer is killed while tasks run', async () => {
    const [setUp = '', doctor = ''] = readBlocks(pages.company, 'sh');
    const { url, machines } = await startCompany(setUp);
    const [first, second] = machines;
    expect(existsSync(join(second.folder, 'var/lib/heurist/credentials.json'))).toBe(false);
    expect(await second.sh(doctor)).toMatch(/^ok +database .*\n(.*\n)*ok +public address/m);
    const keys = keysOf(first);
    const operate = readListed(pages.company, 'sh').replace('local#KEY', keys.operator);
    expect(await first.sh(operate)).toContain('key_create');
    const starts = ['a', 'b', 'c'].map((name) => startGpu(`gpu-${name}`, { url, key: keys.miner, duration: 500 }));
    const gpus = await Promise.all(starts);
    await draw(url, keys.consumer);
    const begun = () => gpus.reduce((sum, { comfyui }) => sum + comfyui.graphs.length, 0);
    const before = begun();
    const drawn = draw(url, keys.consumer, 24);
    await expect.poll(begun, { timeout: 60_000 }).toBeGreaterThan(before + 3);
    await first.stop('heurist-sequencer', 'SIGKILL');
    expect(begun()).toBeLessThan(before + 24);
    await drawn;
  }, 300_000);
});
