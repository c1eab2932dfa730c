import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startContainer, whyNoContainer } from '../src/container.ts';

const skipped = whyNoContainer();

test.skipIf(skipped)(`a container has disks of its own${skipped ? `: skipped, ${skipped}` : ''}`, async () => {
  const container = await startContainer();
  const disk = await container.addDisk(join(mkdtempSync(join(tmpdir(), 'container-')), 'disk'), 1);
  const write = async (name: string) => {
    const [file = '', ...args] = container.wrap(['cp', '/proc/version', join(disk.folder, name)]);
    return await promisify(execFile)(file, args).then(
      () => 'written',
      ({ stderr }) => /space|Read-only/.exec(stderr)?.[0],
    );
  };
  expect(await write('first')).toBe('written');
  expect(readdirSync(disk.folder)).toEqual([]);
  await disk.fill();
  expect(await write('second')).toBe('space');
  await disk.free();
  expect(await write('third')).toBe('written');
  await disk.setReadOnly(true);
  expect(await write('fourth')).toBe('Read-only');
  await disk.setReadOnly(false);
  expect(await write('fifth')).toBe('written');
  await container.stop();
});

test.skipIf(skipped)(`its first process ends with SIGKILL${skipped ? `: skipped, ${skipped}` : ''}`, async () => {
  const container = await startContainer();
  const script = `process.send(process.pid); setInterval(() => process.send('alive'), 50)`;
  const [file = '', ...args] = container.wrap([process.execPath, '--eval', script], true);
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  expect((await once(child, 'message'))[0]).toBe(1);
  const closed = once(child, 'disconnect');
  child.kill('SIGKILL');
  // the channel is open as long as any process has it
  await closed;
  await container.stop();
});
