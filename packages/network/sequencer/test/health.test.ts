import { mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSequencer } from '../src/create-sequencer.ts';
import type { Database } from '../src/database/database.ts';
import { createFolderStore, createSequencer } from '../src/index.ts';
import { openTestDatabase } from './support/database.ts';
import { type Network, startNetwork } from './support/network.ts';

const folder = join(mkdtempSync(join(tmpdir(), 'health-')), 'artifacts');
let network: Network;
beforeAll(async () => {
  network = await startNetwork({ artifacts: createFolderStore(folder) });
});
afterAll(() => network.stop());

const get = async (path: string) => {
  const response = await fetch(new URL(path, network.url));
  return [response.status, await response.json()];
};

const fine = { ok: true };
const checks = { database: fine, storage: fine, disk: fine, clock: fine };

test('ready means that files can be stored; a health check asks for less', async () => {
  expect(await get('/readyz')).toEqual([200, { status: 'ready', checks }]);
  renameSync(folder, `${folder}.away`);
  writeFileSync(folder, '');
  const message = 'Files cannot be stored now. The log of this server says why.';
  const why = { storage: { ok: false, why: message } };
  await expect
    .poll(() => get('/readyz'))
    .toEqual([503, { status: 'not_ready', code: 'unavailable', message, checks: { ...checks, ...why } }]);
  expect(await get('/healthz')).toEqual([200, { status: 'ok' }]);
  rmSync(folder);
  renameSync(`${folder}.away`, folder);
  await expect.poll(() => get('/readyz')).toEqual([200, { status: 'ready', checks }]);
});

/** A sequencer that does not listen, with this changed. */
async function startWith(change: { database?: Partial<Database>; artifacts?: object }, clock = new FakeClock()) {
  const database = Object.assign(await openTestDatabase(), change.database);
  const artifacts = { ...createFolderStore(mkdtempSync(join(tmpdir(), 'health-'))), ...change.artifacts };
  const sequencer = await startSequencer({ database, artifacts, workflows: [] }, clock);
  return {
    database,
    artifacts,
    close: () => sequencer.close(),
    async ask(path: string) {
      const response = await sequencer.app.request(path);
      return [response.status, (await response.json()) as { checks: object; message?: string }] as const;
    },
  };
}

test.each([
  ['of the files', { artifacts: { freeBytes: async () => 5e6 } }],
  ['of the embedded database', { database: { freeBytes: async () => 5e6 } }],
])('not ready while the disk %s has no room for one file', async (_, change) => {
  const { ask, close } = await startWith(change);
  const why = 'The disk has 5 MB left, and one file may have 200 MB. Free up space.';
  expect(await ask('/readyz')).toEqual([
    503,
    { status: 'not_ready', code: 'unavailable', message: why, checks: { ...checks, disk: { ok: false, why } } },
  ]);
  expect((await ask('/healthz'))[0]).toBe(200);
  await close();
});

test('a clock that is off is said, but takes no replica out: all go by the clock of the database', async () => {
  const { ask, close } = await startWith({}, new FakeClock(Date.now() + 60_000));
  const [status, { checks: found }] = await ask('/readyz');
  const why = expect.stringMatching(/^The clock of this machine is [456]\d s ahead of that of the database\./);
  expect([status, found]).toEqual([200, { ...checks, clock: { ok: false, why } }]);
  await close();
});

test('alive asks nothing: also while the database and the disk hang', async () => {
  const { promise: later, reject: giveUp } = Promise.withResolvers<never>();
  const hang = () => later;
  const clock = new FakeClock();
  const { ask, close, database, artifacts } = await startWith({}, clock);
  const { query } = database;
  Object.assign(database, { query: hang });
  Object.assign(artifacts, { check: hang, freeBytes: hang });
  expect(await ask('/livez')).toEqual([200, { status: 'alive' }]);
  const answer = ask('/readyz');
  await clock.advance(3000);
  const silent = { ok: false, why: expect.stringMatching(/does not answer/) };
  expect((await answer)[1].checks).toEqual({
    database: silent,
    storage: silent,
    disk: silent,
    clock: silent,
  });
  Object.assign(database, { query });
  giveUp(new Error('too late'));
  await close();
});

test('a database that was away is tested by writing as soon as it is back: it may be read-only now', async () => {
  const clock = new FakeClock();
  const { ask, close, database } = await startWith({}, clock);
  const { query, transaction } = database;
  expect((await ask('/readyz'))[0]).toBe(200);
  await clock.advance(1500);
  Object.assign(database, { query: () => Promise.reject(new Error('away')) });
  expect((await ask('/readyz'))[0]).toBe(503);
  await clock.advance(1500);
  Object.assign(database, { query, transaction: () => Promise.reject(new Error('read-only')) });
  const [status, { message }] = await ask('/readyz');
  expect([status, message]).toEqual([503, expect.stringMatching(/^The database cannot be written now\./)]);
  Object.assign(database, { transaction });
  await close();
});

test('strangers who ask a thousand times make the disk write a few times', async () => {
  let checks = 0;
  const store = createFolderStore(mkdtempSync(join(tmpdir(), 'health-')));
  const clock = new FakeClock();
  const database = await openTestDatabase();
  const check = async () => {
    checks++;
    await store.check?.();
  };
  const sequencer = await startSequencer({ database, artifacts: { ...store, check }, workflows: [] }, clock);
  await expect.poll(() => checks).toBeGreaterThan(1);
  const before = checks;
  const statusOf = async () => (await sequencer.app.request('/readyz')).status;
  const many = await Promise.all(Array.from({ length: 1000 }, statusOf));
  expect(new Set(many)).toEqual(new Set([200]));
  expect(checks - before).toBe(1);
  await clock.advance(250);
  expect([await statusOf(), checks - before]).toEqual([200, 2]);
  await sequencer.close();
});

test('a sequencer does not start over a folder that cannot be written', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'health-')), 'file');
  writeFileSync(file, '');
  const database = await openTestDatabase();
  const start = createSequencer({ database, artifacts: createFolderStore(file), workflows: [] });
  await expect(start).rejects.toThrow(`Files cannot be stored in ${file} (`);
  await database.close();
});

test.each([
  ['is gone', rmSync],
  ['is cut off', (path: string) => truncateSync(path, 3)],
  [
    'is a folder now',
    (path: string) => {
      rmSync(path);
      mkdirSync(path);
    },
  ],
])('a file that %s is not found, by HEAD neither', async (_, harm) => {
  await network.create();
  const { lease_id, task_id } = await network.claim();
  const { artifact_id } = await network.upload(lease_id);
  await network.submit(lease_id, { artifact_ids: [artifact_id] });
  const { result } = await network.query(task_id);
  expect((await fetch(result)).status).toBe(200);
  const path = join(folder, artifact_id.slice(0, 2), artifact_id);
  harm(path);
  const message = 'This file is no longer in the storage of the network.';
  expect(await get(result)).toEqual([404, { code: 'not_found', message }]);
  expect((await fetch(result, { method: 'HEAD' })).status).toBe(404);
});

describe('load balancers ask as they do by default', () => {
  /** Sends lines as they are. Resolves with the status. */
  async function statusOf(...lines: string[]): Promise<string> {
    const socket = connect(Number(new URL(network.url).port), '127.0.0.1');
    socket.write([...lines, '', ''].join('\r\n'));
    const answer = Buffer.concat(await socket.toArray()).toString();
    return answer.split(' ')[1] ?? '';
  }

  test.each([
    ['GET /healthz HTTP/1.0'],
    ['GET /livez HTTP/1.0'],
    ['GET /readyz HTTP/1.0'],
    ['GET /healthz?from=balancer HTTP/1.0'],
    ['HEAD /healthz HTTP/1.0'],
    ['GET /healthz HTTP/1.1', 'connection: close'],
    ['GET /healthz HTTP/1.1', 'host:', 'connection: close'],
    ['GET /healthz HTTP/1.1', 'host: a b', 'connection: close'],
    ['GET /readyz HTTP/1.1', 'host: evil.example', 'connection: close'],
    ['OPTIONS / HTTP/1.0'],
  ])('%s %s', async (...lines) => {
    expect(await statusOf(...lines)).toBe('200');
  });

  test.each([
    ['GET /docs HTTP/1.0'],
    ['GET /openapi.json HTTP/1.1', 'connection: close'],
    ['GET /healthz/../docs HTTP/1.0'],
    ['POST /network_status HTTP/1.1', 'content-length: 2', 'connection: close', '', '{}'],
    ['GET /docs HTTP/1.1', 'host: a b', 'connection: close'],
  ])('other calls must name their host: %s %s', async (...lines) => {
    expect(await statusOf(...lines)).toBe('400');
  });
});
