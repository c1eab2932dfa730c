import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFolderStore, createSequencer, openDatabase, type Sequencer } from '@heurist/sequencer';
import { freePort } from '@heurist/test-servers/free-port';
import { startPostgres, type TestServer } from '@heurist/test-servers/postgres';
import { startS3, testAccount } from '@heurist/test-servers/s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding } from '../src/doctor/finding.ts';
import { workflows } from '../src/workflows/workflows.ts';
import { runCli } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
let sequencer: Sequencer;
let url: string;
const keys = { consumer: '', miner: '', operator: '' };
const servers: Server[] = [];

beforeAll(async () => {
  const database = await openDatabase();
  sequencer = await createSequencer({ database, artifacts: createFolderStore(join(folder, 'files')), workflows });
  url = await sequencer.listen();
  for (const role of ['consumer', 'miner', 'operator'] as const) keys[role] = await sequencer.createKey(role, 'acme');
});

afterAll(async () => {
  await sequencer.close();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the command finds, by check; and how it ends. */
async function diagnose(args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await runCli(['doctor', '--json', ...args], { cwd: folder, env });
  const findings: Finding[] = JSON.parse(stdout).findings;
  const of = (check: string) => findings.filter((finding) => finding.check === check);
  return { code, stderr, findings, of };
}

/** A server that answers everything in the same way. */
async function startAnswering(status: number, headers: Record<string, string> = {}, body = ''): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status, headers).end(body));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('with nothing set up, what could be looked at is named, and all is well', async () => {
  const { code, findings } = await diagnose([]);
  expect(code).toBe(0);
  expect(findings.map(({ check, status }) => `${check} ${status}`)).toEqual([
    'versions ok',
    'data folder skip',
    'database skip',
    'storage skip',
    'proxy skip',
    'sequencer skip',
    'public address skip',
    'keys skip',
    'ComfyUI skip',
  ]);
});

test('text: a line for each finding, and one for what to do', async () => {
  const env = { HEURIST_WORKFLOW_URL: url, HEURIST_API_KEY: 'acme#wrong' };
  const { code, stdout, stderr } = await runCli(['doctor'], { cwd: folder, env });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ok {4}versions {8}heurist \S+, protocol \d/);
  expect(stdout).toMatch(/^fail {2}keys {12}HEURIST_API_KEY: .+\n {22}It is wrong, has expired or was revoked/m);
  expect(stderr).toBe('error: 1 check failed. The lines above say what to do.\n');
});

test('a network that works: its sequencer, clock, keys, limits and miners', async () => {
  const { code, of } = await diagnose(['--public-url', url], {
    HEURIST_WORKFLOW_URL: url,
    HEURIST_API_KEY: keys.consumer,
    HEURIST_MINER_KEY: keys.miner,
    HEURIST_OPERATOR_KEY: keys.operator,
  });
  expect(code).toBe(0);
  expect(of('sequencer')).toMatchObject([{ status: 'ok', message: expect.stringMatching(/ready$/) }]);
  expect(of('clock')).toMatchObject([{ status: 'ok' }]);
  expect(of('public address')).toMatchObject([{ status: 'ok' }]);
  expect(of('keys').map(({ status, message }) => `${status} ${message}`)).toEqual([
    'ok HEURIST_API_KEY is valid',
    'ok HEURIST_MINER_KEY is valid',
    'ok HEURIST_OPERATOR_KEY is valid; the network has keys for 1 consumer, 1 miner, 1 operator',
  ]);
  expect(of('limits')[0]?.message).toMatch(/^1000 open tasks .+; 0 of 3 keys have limits of their own$/);
  expect(of('miners')).toMatchObject([{ status: 'warn', message: 'no miner is connected' }]);
});

test.each([
  ['wrong', 'HEURIST_API_KEY', 'acme#d41d8cd98f'],
  ['of another role', 'HEURIST_MINER_KEY', 'consumer'],
  ['of another role', 'HEURIST_OPERATOR_KEY', 'miner'],
  ['cut off by a .env file', 'HEURIST_API_KEY', 'acme'],
  ['of letters that no key has', 'HEURIST_API_KEY', 'acme#geheim✓'],
])('a key that is %s in %s fails, and is not shown', async (_, name, value) => {
  const key = keys[value as keyof typeof keys] ?? value;
  const { code, of, findings } = await diagnose([], { HEURIST_WORKFLOW_URL: url, [name]: key });
  expect(code).toBe(1);
  expect(of('keys')).toMatchObject([{ status: 'fail', message: expect.stringContaining(name) }]);
  expect(of('keys')[0]?.message).not.toContain('cannot be reached');
  const [, secret] = key.split('#');
  if (secret) expect(JSON.stringify(findings)).not.toContain(secret);
});

test('addresses that lead nowhere, or elsewhere', async () => {
  const closed = `http://127.0.0.1:${await freePort()}`;
  const { code, of } = await diagnose(['--sequencer', closed, '--public-url', closed, '--comfyui', closed]);
  expect(code).toBe(1);
  expect(of('ComfyUI')).toMatchObject([{ status: 'fail', advice: expect.stringContaining('Is it running') }]);
  for (const check of ['sequencer', 'public address'])
    expect(of(check)).toMatchObject([{ status: 'fail', advice: expect.stringContaining('Nothing listens there') }]);
  const page = await startAnswering(404);
  expect((await diagnose(['--sequencer', page])).of('sequencer')).toMatchObject([{ status: 'warn' }]);
  expect((await diagnose(['--public-url', page])).of('public address')).toMatchObject([
    { status: 'fail', message: `${page} answers with status 404` },
  ]);
});

test('a sequencer that is not ready, of another protocol, or whose clock is off', async () => {
  const body = JSON.stringify({ code: 'unavailable', message: 'Files cannot be stored now.' });
  const late = new Date(Date.now() - 60_000).toUTCString();
  const sick = await startAnswering(503, { 'heurist-protocol': '2', date: late }, body);
  const { of } = await diagnose(['--sequencer', sick]);
  expect(of('sequencer')).toMatchObject([
    { status: 'fail', message: expect.stringMatching(/but is not ready: Files cannot be stored now\.$/) },
  ]);
  expect(of('clock')).toMatchObject([{ status: 'warn', message: expect.stringMatching(/^6\d s ahead of/) }]);
  const newer = await startAnswering(200, { 'heurist-protocol': '99' });
  expect((await diagnose(['--sequencer', newer])).of('sequencer')).toMatchObject([
    { status: 'fail', advice: 'Update the older side.' },
  ]);
});

test('a proxy that is down, without its password', async () => {
  const proxy = `http://user:hidden@127.0.0.1:${await freePort()}`;
  const { of, findings } = await diagnose([], { HTTP_PROXY: proxy, NO_PROXY: 'storage.internal' });
  expect(of('proxy')).toMatchObject([{ status: 'fail', message: expect.stringContaining('ECONNREFUSED') }]);
  expect(JSON.stringify(findings)).not.toContain('hidden');
});

test('a proxy that is reached by IPv6', async () => {
  const proxy = createServer();
  servers.push(proxy);
  await new Promise<void>((resolve) => proxy.listen(0, '::1', resolve));
  const address = `http://[::1]:${(proxy.address() as AddressInfo).port}`;
  const { of } = await diagnose([], { HTTP_PROXY: address, NO_PROXY: 'storage.internal' });
  expect(of('proxy')).toMatchObject([{ status: 'ok', message: expect.stringContaining(address) }]);
});

test('a folder of files, and a disk that is nearly full', async () => {
  expect((await diagnose(['--artifacts', folder])).of('storage')).toMatchObject([{ status: 'ok' }]);
  writeFileSync(join(folder, 'file'), '');
  expect((await diagnose(['--artifacts', join(folder, 'file/under')])).of('storage')).toMatchObject([
    { status: 'fail', message: expect.stringContaining('a file is in the way') },
  ]);
  const { code, of } = await diagnose(['--data-dir', folder, '--min-free', '9000TB']);
  expect(code).toBe(1);
  expect(of('data folder')).toMatchObject([
    { status: 'fail', message: expect.stringContaining('less than --min-free') },
  ]);
});

test('a bucket that works, and one with a wrong secret', async () => {
  const storage = await startS3('files');
  try {
    const env = {
      S3_ENDPOINT: storage.endpoint,
      AWS_ACCESS_KEY_ID: testAccount.accessKeyId,
      AWS_SECRET_ACCESS_KEY: testAccount.secretAccessKey,
    };
    expect((await diagnose(['--artifacts', 's3://files/prefix'], env)).of('storage')).toMatchObject([{ status: 'ok' }]);
    const wrong = { ...env, AWS_SECRET_ACCESS_KEY: 'not-that' };
    const { of, findings } = await diagnose(['--artifacts', 's3://files'], wrong);
    expect(of('storage')).toMatchObject([{ status: 'fail', message: expect.stringMatching(/^s3:\/\/files: .+/) }]);
    expect(JSON.stringify(findings)).not.toContain('not-that');
    const away = await diagnose(['--artifacts', 's3://files'], { ...env, S3_ENDPOINT: 'http://127.0.0.1:9999' });
    expect(away.of('storage')).toMatchObject([{ status: 'fail', message: 's3://files: ECONNREFUSED' }]);
    const named = { ...env, S3_ENDPOINT: storage.endpoint.replace('//', '//me:hush@') };
    const refused = await diagnose(['--artifacts', 's3://files'], named);
    expect(refused.of('storage')[0]?.message).toContain('S3_ENDPOINT');
    expect(JSON.stringify(refused.findings)).not.toContain('hush');
    const wrongPlace = await diagnose(['--artifacts', 'http://me:hush@minio:9000/files']);
    expect(wrongPlace.of('storage')).toMatchObject([{ status: 'fail' }]);
    expect(JSON.stringify(wrongPlace.findings)).not.toContain('hush');
  } finally {
    await storage.stop();
  }
});

test('a PostgreSQL that works; one that is a standby, does not answer, or is no PostgreSQL', async () => {
  const server: TestServer = await startPostgres();
  try {
    const database = await server.createDatabase();
    const works = await diagnose([], { DATABASE_URL: database });
    expect(works.of('database')).toMatchObject([
      { status: 'ok', message: expect.stringMatching(/^PostgreSQL 1\d.+no network in it yet$/) },
    ]);
    expect(works.of('database clock')).toMatchObject([{ status: 'ok' }]);
    expect(works.of('database news')).toMatchObject([{ status: 'ok' }]);
    expect(JSON.stringify(works.findings)).not.toContain('only-for-tests');
    const misspelt = await diagnose([], { DATABASE_URL: `${database}x` });
    expect(misspelt.of('database')).toMatchObject([
      { status: 'fail', advice: expect.stringMatching(/^Create the database/) },
    ]);
    const url = new URL(database);
    url.username = 'nobody';
    const stranger = await diagnose([], { DATABASE_URL: url.href });
    expect(stranger.of('database')).toMatchObject([
      { status: 'fail', advice: expect.stringMatching(/^Check the user name and the password/) },
    ]);
    const broken = await diagnose([], { DATABASE_URL: 'postgres://me:hush@[::1/x' });
    expect(broken.of('database')).toMatchObject([
      { status: 'fail', advice: expect.stringMatching(/^Correct DATABASE_URL/) },
    ]);
    expect(JSON.stringify(broken.findings)).not.toContain('hush');
    await expectQuietNetwork(database);
  } finally {
    await server.stop();
  }
  const closed = `postgres://u:hidden@127.0.0.1:${await freePort()}/x`;
  const { code, of, findings } = await diagnose([], { DATABASE_URL: closed });
  expect(code).toBe(1);
  expect(of('database')).toMatchObject([{ status: 'fail' }]);
  expect(JSON.stringify(findings)).not.toContain('hidden');
  expect((await diagnose([], { DATABASE_URL: 'mysql://x' })).of('database')).toMatchObject([
    { status: 'fail', message: 'DATABASE_URL is not a postgres:// address' },
  ]);
}, 60_000);

/** A sequencer on the same database hears the news that are tried, and has nothing to say of them. */
async function expectQuietNetwork(location: string): Promise<void> {
  const said: string[] = [];
  const log = (message: string) => void said.push(message);
  const beside = await createSequencer({
    database: await openDatabase(location),
    artifacts: createFolderStore(join(folder, 'beside')),
    workflows,
    logger: { info() {}, warn: log, error: log },
  });
  try {
    expect((await diagnose([], { DATABASE_URL: location })).of('database news')).toMatchObject([{ status: 'ok' }]);
  } finally {
    await beside.close();
  }
  expect(said).toEqual([]);
}
