import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from './lock-folder.ts';

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Another process that locks the folder, and what it says. */
async function lockElsewhere(deed: 'hold' | 'try' = 'hold') {
  const child = fork(new URL('../../test/support/hold-folder.ts', import.meta.url), [folder, deed], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, NODE_NO_WARNINGS: '' },
  });
  children.push(child);
  let printed = '';
  child.stderr?.on('data', (text) => {
    printed += text;
  });
  const [said] = (await once(child, 'message')) as [string];
  return { child, said, printed: () => printed };
}

const kill = async (child: ChildProcess) => {
  const exit = once(child, 'close');
  child.kill('SIGKILL');
  await exit;
};

test('of two processes the second is refused, and told which one has the folder', async () => {
  const { child, said, printed } = await lockElsewhere();
  expect(said).toBe(`locked by ${child.pid}`);
  expect(() => lockFolder(folder)).toThrow(
    new RegExp(`^The data folder ${folder} is in use by process ${child.pid} on `),
  );
  expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'invalid_configuration' }));
  await kill(child);
  // no warning that SQLite is experimental, as Node 22 gives
  expect(printed()).toBe('');
});

test('a process that was killed holds nothing', async () => {
  const { child } = await lockElsewhere();
  await kill(child);
  expect(readFileSync(join(folder, 'sequencer.lock'), 'utf8')).toContain(`${child.pid}`);
  lockFolder(folder)();
  expect((await lockElsewhere('try')).said).toMatch(/^locked/);
});

test('process ids decide nothing: a note that names this very process, as in a container, or a live one', async () => {
  for (const note of [`process ${process.pid} on here\n`, `process ${process.ppid} on here\n`, `${process.pid}\n`]) {
    writeFileSync(join(folder, 'sequencer.lock'), note);
    lockFolder(folder)();
  }
  // nor does a missing note free the folder
  const { child } = await lockElsewhere();
  rmSync(join(folder, 'sequencer.lock'));
  expect(() => lockFolder(folder)).toThrow('is in use by another process');
  await kill(child);
});

test('within one process too, and a refused try does not free the folder', async () => {
  const unlock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(`in use by process ${process.pid}`);
  expect((await lockElsewhere('try')).said).toContain(`in use by process ${process.pid}`);
  unlock();
  expect(existsSync(join(folder, 'sequencer.lock'))).toBe(false);
  expect((await lockElsewhere('try')).said).toMatch(/^locked/);
});

test.each([
  ['of a process that has ended', () => '4194305\n'],
  ['that a full disk left empty', () => ''],
  ['of process 0', () => '0\n'],
])('a lock file of an older version %s is replaced', (_, text) => {
  writeFileSync(join(folder, 'sequencer.lock'), text());
  lockFolder(folder)();
});

test('an older version that still runs keeps the folder', () => {
  writeFileSync(join(folder, 'sequencer.lock'), `${process.ppid}\n`);
  const message = `in use by process ${process.ppid}. Stop that process, or choose another folder. If that is not a sequencer, delete`;
  expect(() => lockFolder(folder)).toThrow(message);
  rmSync(join(folder, 'sequencer.lock'));
  lockFolder(folder)();
});

test('a folder that cannot be written is refused, with the reason', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => lockFolder(join(file, 'data'))).toThrow(/cannot be locked \(ENOTDIR.*Check that it can be written/);
});

test('the lock needs no room on the disk, and holds without the note', () => {
  // a note that cannot be written, as when the disk is full
  mkdirSync(join(folder, 'sequencer.lock'));
  const unlock = lockFolder(folder);
  expect(readFileSync(join(folder, 'lock.sqlite'))).toHaveLength(0);
  expect(() => lockFolder(folder)).toThrow('is in use by another process');
  unlock();
  lockFolder(folder)();
});
