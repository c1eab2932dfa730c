import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeuristError } from '@heurist/core';
import { startFaultProxy } from '@heurist/test-servers/fault-proxy';
import { type SlowComfyui, startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { paint } from '@heurist/test-servers/workflows';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRecordingLogger } from '../test/recording-logger.ts';
import { StubSequencer } from '../test/stub-sequencer.ts';
import { createMiner, type MinerOptions } from './create-miner.ts';

let comfyui: SlowComfyui;
let sequencer: StubSequencer;
let logger: ReturnType<typeof createRecordingLogger>;
beforeAll(async () => {
  comfyui = await startSlowComfyui({ durations: [20] });
});
afterAll(() => comfyui.stop());
beforeEach(() => {
  sequencer = new StubSequencer();
  logger = createRecordingLogger();
});

const create = (more: Partial<MinerOptions> = {}) =>
  createMiner({
    sequencer: 'http://127.0.0.1:1',
    key: 'rig#secret',
    comfyui: comfyui.url,
    workflows: [paint],
    protocol: sequencer,
    logger,
    ...more,
  });

test('starts, works, drains, and says so at each step', async () => {
  const miner = create();
  expect(miner.status()).toEqual({
    comfyui: comfyui.url,
    state: 'starting',
    offers: [],
    running: 0,
    delivering: 0,
    finished: 0,
    failed: {},
    lost: 0,
    run_seconds: 0,
    load_seconds: 0,
    model_switches: 0,
    model_load_seconds: 0,
    models: [],
    upload_seconds: 0,
    input_bytes: 0,
    output_bytes: 0,
    claims: 0,
    restarts: 0,
  });
  expect(await miner.start()).toMatchObject([{ workflow_id: 'paint', missing: [] }]);
  expect(logger.lines[0]).toContain('inputs and outputs of tasks stay');
  await expect.poll(() => miner.status()).toMatchObject({ state: 'idle', offers: ['paint'] });
  sequencer.add({ task_id: 'a' });
  await expect.poll(() => miner.status(), { interval: 2 }).toMatchObject({ state: 'busy', running: 1 });
  const stopping = miner.stop();
  expect(miner.status().state).toBe('stopping');
  await stopping;
  await miner.ended;
  expect(miner.status()).toMatchObject({ state: 'stopped', running: 0, finished: 1 });
  expect(sequencer.reports).toMatchObject([{ success: true }]);
});

test('gives back what it has, if asked to', async () => {
  const slow = await startSlowComfyui({ durations: [60_000] });
  const miner = create({ comfyui: slow.url });
  await miner.start();
  sequencer.add({ task_id: 'a' });
  await expect.poll(() => miner.status().running).toBe(1);
  await miner.stop({ giveBack: true });
  expect(sequencer.reports).toMatchObject([{ success: false, error: { code: 'miner_stopped' } }]);
  await slow.stop();
});

test('a sequencer that refuses it ends it, with the reason', async () => {
  sequencer.before = () => {
    throw new HeuristError('bad key', { code: 'unauthorized' });
  };
  const miner = create();
  await miner.start();
  await expect(miner.ended).rejects.toMatchObject({ code: 'unauthorized' });
  expect(logger.lines.slice(1)).toEqual(['error the sequencer refuses this miner {"message":"bad key"}']);
  await miner.stop();
  expect(miner.status().state).toBe('stopped');
});

test('one that is refused delivers first what it has', async () => {
  let claims = 0;
  sequencer.before = async (call) => {
    if (call === 'upload') await new Promise((resolve) => setTimeout(resolve, 100));
    if (call === 'claim' && ++claims > 1) throw new HeuristError('bad key', { code: 'unauthorized' });
  };
  sequencer.add({ task_id: 'a' });
  const miner = create();
  await miner.start();
  await expect(miner.ended).rejects.toMatchObject({ code: 'unauthorized' });
  expect(sequencer.reports).toMatchObject([{ success: true }]);
});

test('a task that comes back while its first attempt is still being interrupted is run anew', async () => {
  const slow = await startSlowComfyui({ durations: [400] });
  const way = await startFaultProxy(slow.url, {
    async answer(call) {
      if (call.path === '/interrupt') await new Promise((resolve) => setTimeout(resolve, 100));
      return await call.pass();
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  sequencer.heartbeat = async (lease_id) => {
    if (lease_id !== 'first') return { cancel: false };
    if (!sequencer.tasks.length) sequencer.add({ task_id: 'a', lease_id: 'second' });
    throw new HeuristError('gone', { code: 'lease_lost' });
  };
  sequencer.add({ task_id: 'a', lease_id: 'first', heartbeat_seconds: 0.1 });
  const miner = create({ comfyui: way.url, journal: folder });
  await miner.start();
  await expect.poll(() => sequencer.reports.length, { timeout: 10_000 }).toBe(1);
  expect(sequencer.reports).toMatchObject([{ lease_id: 'second', success: true }]);
  await miner.stop();
  await way.stop();
  await slow.stop();
  rmSync(folder, { recursive: true });
});

describe('what it was given fails', () => {
  const broken = () => {
    throw new Error('bug');
  };

  test.each([
    ['throws', broken],
    ['rejects', async () => broken()],
  ])('a log that %s: the tasks are done all the same', async (_, write) => {
    sequencer.add({ task_id: 'a' });
    sequencer.add({ task_id: 'b', task_details: { parameters: { color: 'none' } } });
    sequencer.add({ task_id: 'c' });
    const miner = create({ logger: { info: write, warn: write, error: write } });
    await miner.start();
    await expect.poll(() => sequencer.reports.length, { timeout: 10_000 }).toBe(3);
    expect(sequencer.reports.map(({ success }) => success).sort()).toEqual([false, true, true]);
    await miner.stop();
  });

  test('the disk of the journal is lost while tasks run: one warning, and they are done without it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'journal-'));
    const journal = join(folder, 'own');
    let isLost = false;
    sequencer.before = (call) => {
      if (call !== 'upload' || isLost) return;
      isLost = true;
      // from now on, every write fails, and every removal; at one stroke, since other tasks are being noted
      renameSync(journal, join(folder, 'gone'));
      writeFileSync(journal, '');
    };
    for (const task_id of ['a', 'b', 'c']) sequencer.add({ task_id });
    const miner = create({ journal });
    await miner.start();
    await expect.poll(() => sequencer.reports.length, { timeout: 10_000 }).toBe(3);
    expect(sequencer.reports).toMatchObject([{ success: true }, { success: true }, { success: true }]);
    await miner.stop();
    expect(logger.lines.filter((line) => /^warn cannot (write|read) the journal/.test(line)).length).toBe(1);
    rmSync(folder, { recursive: true });
  });

  test('a sequencer protocol that throws anything at all is asked again', async () => {
    let claims = 0;
    sequencer.before = (call) => {
      if (call === 'claim' && claims++ === 0) throw undefined;
    };
    sequencer.add({ task_id: 'a' });
    const miner = create();
    await miner.start();
    await expect.poll(() => sequencer.reports.length, { timeout: 5000 }).toBe(1);
    await miner.stop();
  });
});

describe('graphs of consumers', () => {
  test('are offered only if the operator lists node classes', async () => {
    for (const [rawNodes, offers] of [
      [[], ['paint']],
      [['SaveImage'], ['paint', 'raw']],
    ] as const) {
      const miner = create({ rawNodes });
      await miner.start();
      expect(miner.status().offers).toEqual(offers);
      await miner.stop();
    }
  });
});

test('one that was never started can be stopped', async () => {
  const miner = create();
  await miner.stop();
  expect([miner.status().state, sequencer.claims.length]).toEqual(['stopped', 0]);
});
