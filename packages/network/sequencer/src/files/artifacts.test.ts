import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestDatabase } from '../../test/support/database.ts';
import { createLimits } from '../access/limits/limits.ts';
import { createSigner } from '../access/signer.ts';
import type { Database } from '../database/database.ts';
import type { DirectStore } from './artifact-store.ts';
import { Artifacts, dispositionOf } from './artifacts.ts';
import { createFolderStore } from './folder-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'artifacts-'));
const signer = createSigner('secret');
const clock = new FakeClock(1_700_000_000_500);
const origin = 'https://network.test';
const text = { content_type: 'text/plain', bytes: 5 };
let database: Database;
let artifacts: Artifacts;
beforeAll(async () => {
  database = await openTestDatabase();
  artifacts = new Artifacts(database, createFolderStore(folder), signer, { clock });
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const streamOf = (content: string) => new Blob([content]).stream();

/** The parts of a signed URL, as a route gets them. */
function partsOf(address: string): [string, string, string] {
  const { pathname, searchParams } = new URL(address);
  return [pathname.split('/').at(-1)!, searchParams.get('expires')!, searchParams.get('signature')!];
}
function check(address: string, action: 'read' | 'write') {
  const [artifact_id, expires, signature] = partsOf(address);
  return () => artifacts.checkUrl(artifact_id, action, expires, signature);
}

test('a declared file is stored once it has arrived', async () => {
  const artifact_id = await artifacts.declare('consumer:acme', text);
  const declared = await artifacts.get(artifact_id);
  expect(declared).toMatchObject({ owner: 'consumer:acme', task_id: null, attempt: null, description: text });
  expect(await artifacts.confirmStored(declared)).toBe(false);
  await artifacts.write(artifact_id, streamOf('hello'));
  const stored = await artifacts.get(artifact_id);
  expect(await artifacts.confirmStored(stored)).toBe(true);
  expect(stored.description).toEqual({ ...text, sha256: expect.stringMatching(/^2cf24dba/) });
  expect(await new Response((await artifacts.read(stored)) as ReadableStream).text()).toBe('hello');
});

test('an upload ends within a second after its key was revoked', async () => {
  const [key] = await database.query<{ key_id: string }>(
    `INSERT INTO heurist.api_key (hash, role, owner) VALUES ('x', 'consumer', 'leaver') RETURNING key_id`,
  );
  const { key_id } = key!;
  const upload = async (revokesAfter: number) => {
    const artifact_id = await artifacts.declare('consumer:leaver', { ...text, bytes: 20 }, { key_id });
    let sent = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          await clock.advance(1000);
          if (sent++ === revokesAfter) await database.query('DELETE FROM heurist.api_key WHERE key_id = $1', [key_id]);
          controller.enqueue(Buffer.from('x'));
          if (sent === 20) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const outcome = await artifacts.write(artifact_id, body).catch((error) => error);
    return { sent, outcome, stored_at: (await artifacts.get(artifact_id)).stored_at };
  };
  expect(await upload(99)).toMatchObject({ sent: 20, outcome: undefined, stored_at: expect.any(Date) });
  const { sent, outcome, stored_at } = await upload(5);
  expect(outcome).toMatchObject({ code: 'forbidden' });
  expect(stored_at).toBeNull();
  // streams read a few chunks ahead
  expect(sent).toBeLessThan(10);
});

test('an output names the attempt that made it; stored as before, from 0', async () => {
  const task_id = randomUUID();
  const artifact_id = await artifacts.declare('miner', text, { lease: { task_id, attempt: 2 } });
  expect(await artifacts.get(artifact_id)).toMatchObject({ task_id, attempt: 2 });
  const query = 'SELECT attempt FROM heurist.artifact WHERE artifact_id = $1';
  expect(await database.query(query, [artifact_id])).toEqual([{ attempt: 1 }]);
});

test.each(['no uuid', randomUUID()])('there is no file %s', async (artifact_id) => {
  await expect(artifacts.get(artifact_id)).rejects.toMatchObject({ code: 'not_found' });
  await expect(artifacts.write(artifact_id, streamOf('hello'))).rejects.toMatchObject({ code: 'not_found' });
});

test('files are listed in the order of their ids, without unknown ones', async () => {
  const [one, two] = [await artifacts.declare('miner', text), await artifacts.declare('miner', text)];
  const found = await artifacts.list([two, 'no uuid', randomUUID(), one, two]);
  expect(found.map(({ artifact_id }) => artifact_id)).toEqual([two, one, two]);
});

test('a signed URL is for one file and one action', async () => {
  const artifact_id = randomUUID();
  const address = artifacts.signUrl(artifact_id, 'read', origin);
  expect(address).toMatch(new RegExp(`^${origin}/artifacts/${artifact_id}\\?expires=\\d+&signature=[\\w-]+$`));
  expect(check(address, 'read')).not.toThrow();
  const invalid = 'The signature of this URL is not valid. Use the URL unchanged.';
  expect(check(address, 'write')).toThrow(invalid);
  expect(check(address.replace(artifact_id, randomUUID()), 'read')).toThrow(invalid);
  expect(check(address.replace(/expires=\d+/, 'expires=9999999999'), 'read')).toThrow(invalid);
  expect(() => artifacts.checkUrl(artifact_id, 'read', '', '')).toThrow(invalid);
});

test.each([
  ['read', 24 * 3600],
  ['write', 3600],
] as const)('a URL to %s expires after %i seconds', async (action, seconds) => {
  const address = artifacts.signUrl(randomUUID(), action, origin);
  // it counts from the second that has begun
  await clock.advance(seconds * 1000 - 500);
  expect(check(address, action)).not.toThrow();
  await clock.advance(1);
  expect(check(address, action)).toThrow('This URL has expired. Query the task again for a fresh one.');
  await clock.advance(499);
});

test("URLs of the network's own files are made fresh, anywhere among the parameters", async () => {
  const artifact_id = randomUUID();
  const old = artifacts.signUrl(artifact_id, 'read', 'http://elsewhere:8787');
  await clock.advance(48 * 3600 * 1000);
  const fresh = artifacts.signUrl(artifact_id, 'read', origin);
  const parameters = (url: string) => ({ image: url, nested: { list: [url, 1, null, true] }, text: `see ${old}` });
  expect(artifacts.refreshUrls(parameters(old), origin)).toEqual(parameters(fresh));
});

test('other URLs stay as they are', () => {
  const artifact_id = randomUUID();
  const write = artifacts.signUrl(artifact_id, 'write', 'http://elsewhere');
  const forged = artifacts.signUrl(artifact_id, 'read', 'http://elsewhere').replace(artifact_id, randomUUID());
  const good = artifacts.signUrl(artifact_id, 'read', 'http://elsewhere');
  for (const other of [write, forged, `${good}&more=1`, `x${good}`, good.replace('http:', 'ftp:'), 'https://a.test/'])
    expect(artifacts.refreshUrls(other, origin)).toBe(other);
});

test.each([
  [{ filename: 'a b (1).png' }, 'attachment; filename="a b (1).png"'],
  [{ filename: 'a"\r\nx: y/../ü.png' }, 'attachment; filename="a___x_ y_..__.png"'],
  [{}, 'attachment; filename="id"'],
])('how a browser names a file: %j', (more, disposition) => {
  expect(dispositionOf('id', { ...text, ...more })).toBe(disposition);
});

test('the slot of an upload is a URL here', async () => {
  const artifact_id = await artifacts.declare('miner', text);
  const { upload_url, ...rest } = await artifacts.uploadSlot(artifact_id, text, origin);
  expect(rest).toEqual({});
  expect(check(upload_url, 'write')).not.toThrow();
});

test('a direct store: bytes go there, and a file is confirmed the first time it is needed', async () => {
  let confirms = 0;
  let hasArrived = false;
  const asked: unknown[] = [];
  const store: DirectStore = {
    isDirect: true,
    sizeOf: async () => 5,
    delete: async () => {},
    uploadSlot: async (artifact_id, { sha256 }) => ({
      url: `https://s3.test/${artifact_id}`,
      headers: sha256 ? { sum: sha256 } : ({} as Record<string, string>),
    }),
    write: async (artifact_id, bytes) => void asked.push([artifact_id, bytes.length]),
    downloadUrl: async (artifact_id, as) => {
      asked.push(as);
      return `https://s3.test/${artifact_id}`;
    },
    async confirm() {
      confirms++;
      return hasArrived ? { sha256: 'abc' } : undefined;
    },
  };
  const direct = new Artifacts(database, store, signer, { clock });
  const artifact_id = await direct.declare('miner', { ...text, filename: 'x.txt' });
  const url = `https://s3.test/${artifact_id}`;
  expect(await direct.uploadSlot(artifact_id, text, origin)).toEqual({ upload_url: url });
  expect(await direct.uploadSlot(artifact_id, { ...text, sha256: 'abc' }, origin)).toEqual({
    upload_url: url,
    upload_headers: { sum: 'abc' },
  });
  await expect(direct.write(artifact_id, streamOf('hello'))).rejects.toMatchObject({
    code: 'not_found',
    message: 'Upload to the storage URL instead.',
  });
  expect(await direct.confirmStored(await direct.get(artifact_id))).toBe(false);
  hasArrived = true;
  expect(await direct.confirmStored(await direct.get(artifact_id))).toBe(true);
  const stored = await direct.get(artifact_id);
  expect(stored.description).toMatchObject({ sha256: 'abc', filename: 'x.txt' });
  expect(await direct.confirmStored(stored)).toBe(true);
  expect(confirms).toBe(2);
  expect(await direct.read(stored)).toEqual(new URL(url));
  expect(asked).toEqual([{ content_type: 'text/plain', disposition: 'attachment; filename="x.txt"' }]);
});

describe('limits', () => {
  const limits = createLimits({ outputs: 3, ownerFiles: 3, ownerBytes: 1000, outputBytes: { text: 100 } as never });
  const small = () => new Artifacts(database, createFolderStore(folder), signer, { clock, limits });
  const code = (promise: Promise<unknown>) =>
    promise.then(
      () => 'ok',
      (error) => error.code,
    );

  test('an output by its kind, all outputs of an attempt by number and size', async () => {
    const lease = { task_id: crypto.randomUUID(), attempt: 1 };
    const declare = (bytes: number, attempt = 1) =>
      code(small().declare('miner', { ...text, bytes }, { lease: { ...lease, attempt } }));
    expect(await declare(101)).toBe('payload_too_large');
    expect([await declare(100), await declare(100), await declare(100)]).toEqual(['ok', 'ok', 'ok']);
    expect(await declare(1)).toBe('payload_too_large');
    // the next attempt begins anew
    expect(await declare(1, 2)).toBe('ok');
    const share = createLimits({ outputShare: 2, outputBytes: { text: 100 } as never });
    const shared = new Artifacts(database, createFolderStore(folder), signer, { clock, limits: share });
    const other = { task_id: crypto.randomUUID(), attempt: 1 };
    const both = [100, 100, 1].map((bytes) => code(shared.declare('miner', { ...text, bytes }, { lease: other })));
    expect((await Promise.all(both)).toSorted()).toEqual(['ok', 'ok', 'payload_too_large'].toSorted());
  });

  test('inputs of an owner by number and size; those that were never uploaded count for an hour', async () => {
    const declare = (owner: string, bytes: number) => code(small().declare(owner, { ...text, bytes }));
    const all = await Promise.all([1, 1, 1, 1, 1].map((bytes) => declare('consumer:many', bytes)));
    expect(all.filter((each) => each === 'ok')).toHaveLength(3);
    expect([await declare('consumer:big', 600), await declare('consumer:big', 401)]).toEqual(['ok', 'rate_limited']);
    expect(await declare('consumer:big', 400)).toBe('ok');
    await database.query(
      `UPDATE heurist.artifact SET created_at = now() - interval '66 minutes' WHERE owner = 'consumer:many'`,
    );
    expect(await declare('consumer:many', 1)).toBe('ok');
  });
});

test.each([
  ['image/png', 'inline'],
  ['video/mp4', 'inline'],
  ['audio/flac', 'inline'],
  ['image/svg+xml', 'attachment'],
  ['text/html', 'attachment'],
  ['text/plain', 'attachment'],
  ['application/pdf', 'attachment'],
])('%s is served as %s', (content_type, disposition) => {
  expect(dispositionOf('id', { content_type, bytes: 1, filename: 'a b.x' })).toBe(`${disposition}; filename="a b.x"`);
});
