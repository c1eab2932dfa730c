import { ComfyClient } from '@heurist/comfyui';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { type FaultProxy, startFaultProxy } from '@heurist/test-servers/fault-proxy';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRecordingLogger } from '../../test/recording-logger.ts';
import { Cleaner, DRAIN_MS } from './cleaner.ts';
import type { RunFiles } from './comfy-folder.ts';

let server: FaultProxy;
let clock: FakeClock;
let logger: ReturnType<typeof createRecordingLogger>;
let removed: RunFiles[];
let cleaner: Cleaner;
let isQueued: boolean;
beforeEach(async () => {
  isQueued = false;
  removed = [];
  const outputs = { save: { images: [{ filename: 'a.png', subfolder: '', type: 'output' }], text: ['said'] } };
  server = await startFaultProxy('http://127.0.0.1:1', {
    async answer({ path, method }) {
      const json = (body: object) => ({ status: 200, body: JSON.stringify(body) });
      if (path === '/queue') return json({ queue_running: isQueued ? [[1, 'p']] : [], queue_pending: [] });
      if (method === 'POST') return json({});
      return json(isQueued ? {} : { p: { outputs } });
    },
  });
  clock = new FakeClock(0);
  logger = createRecordingLogger();
  const folder = {
    async remove(files: RunFiles) {
      removed.push(files);
      return 0;
    },
  };
  cleaner = new Cleaner({ comfyui: new ComfyClient({ url: server.url }), folder, logger, clock });
});
afterEach(() => server.stop());

const remains = { task_id: 'task', prompt_id: 'p', inputs: ['heurist-1.png'], folders: ['sub'], startedAt: 5 };
const deleted = () => server.calls.filter(({ path, method }) => path === '/history' && method === 'POST');

test('what a prompt made is removed, and its entry in the history', async () => {
  cleaner.clear(remains);
  await cleaner.drain();
  expect(removed).toMatchObject([{ inputs: ['heurist-1.png'], outputs: [{ filename: 'a.png' }], mark: 'task-p' }]);
  expect(deleted().map(({ body }) => body)).toEqual(['{"delete":["p"]}']);
});

test('a prompt that was interrupted is waited for: its entry comes when it ends', async () => {
  isQueued = true;
  cleaner.clear(remains);
  await expect.poll(() => clock.sleeps.length).toBe(1);
  await clock.advance(100);
  await expect.poll(() => clock.sleeps.length).toBe(2);
  expect([removed, deleted()]).toEqual([[], []]);
  isQueued = false;
  await clock.advance(200);
  await expect.poll(() => deleted().length).toBe(1);
  expect(removed).toHaveLength(1);
});

test('inputs of a task whose prompt was never queued are removed without a look at the history', async () => {
  cleaner.clear({ ...remains, prompt_id: '' });
  await cleaner.drain();
  expect([removed.length, server.calls]).toEqual([1, []]);
});

test('a ComfyUI that is gone: files are removed, the rest is logged, and no stop waits long for it', async () => {
  await server.stop();
  cleaner.clear(remains);
  const drained = cleaner.drain();
  expect(clock.sleeps).toEqual([DRAIN_MS]);
  await clock.advance(DRAIN_MS);
  await drained;
  await expect.poll(() => logger.lines, { timeout: 10_000 }).toHaveLength(1);
  expect(logger.lines[0]).toMatch(/^warn traces of a task may have stayed in ComfyUI .*Cannot reach ComfyUI/);
  expect(removed).toMatchObject([{ inputs: ['heurist-1.png'], outputs: [] }]);
});
