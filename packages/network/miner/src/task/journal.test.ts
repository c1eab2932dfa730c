import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Journal, type JournalEntry, KEPT_MS, noJournal, openJournal } from './journal.ts';

let folder: string;
let clock: FakeClock;
let journal: Journal;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'journal-')), 'own');
  clock = new FakeClock(1_000_000);
  journal = openJournal(folder, clock);
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const entry = (task_id: string, comfyui = 'http://a/'): JournalEntry => ({
  comfyui,
  task: { task_id, lease_id: 'l', workflow_id: 'w', task_details: { x: 1 }, heartbeat_seconds: 5 },
  prompt_id: 'p',
  run: { parameters: {}, models: {}, versions: { comfyui: '1' } },
  startedAt: clock.now(),
});

test('an entry is found again by its task, on its own ComfyUI', async () => {
  await journal.write(entry('one'));
  await journal.write(entry('two', 'http://b/'));
  expect(await journal.find('one', 'http://a/')).toEqual(entry('one'));
  expect(await journal.find('one', 'http://b/')).toBeUndefined();
  expect(await journal.find('three', 'http://a/')).toBeUndefined();
  expect(await journal.list('http://a/')).toEqual([entry('one')]);
  expect(await openJournal(folder, clock).list('http://b/')).toEqual([entry('two', 'http://b/')]);
});

test('a later entry takes the place of an earlier one; a removed one is gone', async () => {
  await journal.write(entry('one'));
  await journal.write({ ...entry('one'), prompt_id: 'later' });
  expect(await journal.list('http://a/')).toMatchObject([{ prompt_id: 'later' }]);
  await journal.remove('one');
  expect(await journal.list('http://a/')).toEqual([]);
  await journal.remove('one');
});

test('entries count for a day, and are handed over and deleted then', async () => {
  await journal.write(entry('one'));
  const before = clock.now();
  await clock.advance(KEPT_MS - 1);
  expect(await journal.find('one', 'http://a/')).toMatchObject({ startedAt: before });
  await clock.advance(1);
  expect(await journal.find('one', 'http://a/')).toBeUndefined();
  expect(await journal.list('http://a/')).toEqual([]);
  await journal.write(entry('two'));
  expect(await journal.takeExpired('http://b/')).toEqual([]);
  expect(await journal.takeExpired('http://a/')).toMatchObject([{ task: { task_id: 'one' } }]);
  expect(await journal.takeExpired('http://a/')).toEqual([]);
  expect(readdirSync(folder)).toHaveLength(1);
});

test('a file that was cut off is deleted', async () => {
  await journal.write(entry('one'));
  const [name = ''] = readdirSync(folder);
  writeFileSync(join(folder, name), '{"comfyui":');
  expect(await journal.list('http://a/')).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test('files of others are left alone', async () => {
  await journal.write(entry('one'));
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  expect((await journal.list('http://a/')).length).toBe(1);
  expect(readdirSync(folder)).toContain('notes.txt');
});

test('nobody else can read it, and a task id cannot lead out of the folder', async () => {
  await journal.write(entry('../../etc/passwd'));
  const [name = ''] = readdirSync(folder);
  expect(name).toMatch(/^[0-9a-f]{64}\.json$/);
  expect([statSync(folder).mode & 0o777, statSync(join(folder, name)).mode & 0o777]).toEqual([0o700, 0o600]);
});

test('a folder that is not there has no entries', async () => {
  expect(await journal.list('http://a/')).toEqual([]);
});

test('without a journal nothing is kept', async () => {
  await noJournal.write(entry('one'));
  expect([await noJournal.find('one', 'http://a/'), await noJournal.list('http://a/')]).toEqual([undefined, []]);
  expect(await noJournal.takeExpired('http://a/')).toEqual([]);
  await noJournal.remove('one');
});
