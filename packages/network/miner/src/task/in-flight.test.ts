import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComfyError, type ComfyOutput } from '@heurist/comfyui';
import { HeuristError } from '@heurist/core';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { paint } from '@heurist/test-servers/workflows';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRecordingLogger } from '../../test/recording-logger.ts';
import { StubSequencer } from '../../test/stub-sequencer.ts';
import type { Remains } from '../comfyui/cleaner.ts';
import { InFlight } from './in-flight.ts';
import { type Journal, KEPT_MS, openJournal } from './journal.ts';

const url = 'http://comfyui/';
const facts = { parameters: { color: 1 }, models: {}, versions: { comfyui: '1' } };
const saved: ComfyOutput = { node_id: 'save', kind: 'image', filename: 'x.png', subfolder: '', type: 'output' };
const preview: ComfyOutput = { ...saved, type: 'temp' };
const never = new AbortController().signal;
const taskOf = (task_id: string) => ({
  task_id,
  lease_id: `lease of ${task_id}`,
  workflow_id: 'paint',
  task_details: {},
  heartbeat_seconds: 5,
});

let folder: string;
let clock: FakeClock;
let journal: Journal;
let logger: ReturnType<typeof createRecordingLogger>;
let resumed: string[];
let canceled: string[];
let cleared: Remains[];
let resume: (prompt_id: string) => Promise<ComfyOutput[]>;
let inFlight: InFlight;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'in-flight-'));
  clock = new FakeClock(1_000_000);
  journal = openJournal(folder, clock);
  logger = createRecordingLogger();
  resumed = [];
  canceled = [];
  cleared = [];
  resume = async () => [preview, saved];
  const comfyui = {
    url,
    async resume(prompt_id: string) {
      resumed.push(prompt_id);
      return { prompt_id, outputs: await resume(prompt_id) };
    },
    async cancel(prompt_id: string) {
      canceled.push(prompt_id);
    },
  };
  const cleaner = { clear: (remains: Remains) => void cleared.push(remains) };
  inFlight = new InFlight({ comfyui, journal, cleaner, workflows: [paint], logger, clock });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const remainsOf = (task_id: string, more: object = {}): Remains => ({
  task_id,
  prompt_id: `prompt of ${task_id}`,
  startedAt: 1_000_000,
  inputs: [`input of ${task_id}`],
  folders: ['paint'],
  ...more,
});
const noteRunning = (task_id: string, more: object = {}) =>
  inFlight.note(taskOf(task_id), { remains: remainsOf(task_id, more), run: facts });
const noteFinished = (task_id: string) => {
  const run = { ...facts, outputs: [saved] };
  return inFlight.note(taskOf(task_id), { remains: remainsOf(task_id), run, seconds: 8 });
};

describe('a task that comes back', () => {
  test('unknown: there is nothing to resume', async () => {
    expect(await inFlight.resume(taskOf('a'), never)).toBeUndefined();
    expect([resumed, logger.lines]).toEqual([[], []]);
  });

  test('that runs: its graph is waited for, and the result noted', async () => {
    await noteRunning('a');
    await clock.advance(4000);
    const finished = { run: { ...facts, outputs: [saved] }, seconds: 4, remains: remainsOf('a') };
    expect(await inFlight.resume(taskOf('a'), never)).toEqual(finished);
    expect(resumed).toEqual(['prompt of a']);
    expect(await inFlight.resume(taskOf('a'), never)).toEqual(finished);
    expect(resumed.length).toBe(1);
    expect(logger.lines).toEqual([
      'info resuming a task {"task_id":"a","finished":false}',
      'info resuming a task {"task_id":"a","finished":true}',
    ]);
  });

  test.each([
    ['the ComfyUI does not know', 'comfyui_prompt_lost'],
    ['was interrupted for the attempt before', 'comfyui_interrupted'],
  ] as const)('whose prompt %s: it is run anew', async (_, code) => {
    await noteRunning('a');
    resume = () => Promise.reject(new ComfyError('lost', { code }));
    expect(await inFlight.resume(taskOf('a'), never)).toBeUndefined();
    expect(cleared).toEqual([remainsOf('a')]);
  });

  test('whose inputs were uploaded, and whose prompt was not queued: it is run anew', async () => {
    await noteRunning('a', { prompt_id: '' });
    expect(await inFlight.resume(taskOf('a'), never)).toBeUndefined();
    expect([resumed, cleared]).toEqual([[], [remainsOf('a', { prompt_id: '' })]]);
  });

  test('whose graph fails: that is its failure', async () => {
    await noteRunning('a');
    resume = () => Promise.reject(new ComfyError('broken', { code: 'comfyui_execution_failed' }));
    await expect(inFlight.resume(taskOf('a'), never)).rejects.toMatchObject({ code: 'comfyui_execution_failed' });
    resume = () => Promise.reject(new TypeError('bug'));
    await expect(inFlight.resume(taskOf('a'), never)).rejects.toThrow('bug');
  });
});

describe('forgetting', () => {
  test('removes what is noted', async () => {
    await noteFinished('a');
    await inFlight.forget('a');
    expect(await journal.list(url)).toEqual([]);
  });

  test('keeps a finished result if asked to, and only that', async () => {
    await noteFinished('a');
    await noteRunning('b');
    for (const id of ['a', 'b', 'c']) await inFlight.forget(id, { keepsFinished: true });
    expect((await journal.list(url)).map(({ task }) => task.task_id)).toEqual(['a']);
  });
});

test('a disk that is full does not fail the task', async () => {
  const full = { ...journal, write: () => Promise.reject(new Error('ENOSPC')) };
  const comfyui = { url, resume: () => Promise.reject(), cancel: () => Promise.reject() };
  const other = new InFlight({ comfyui, journal: full, cleaner: { clear() {} }, workflows: [], logger });
  await other.note(taskOf('a'), { remains: remainsOf('a'), run: facts });
  expect(logger.lines).toEqual(['warn cannot write the journal {"message":"ENOSPC"}']);
});

describe('after a restart', () => {
  const reopen = async (answers: Record<string, unknown>) => {
    const sequencer = new StubSequencer();
    const heartbeat = async (lease_id: string) => {
      const answer = answers[lease_id.replace('lease of ', '')];
      if (answer instanceof Error) throw answer;
      return answer as { cancel: boolean };
    };
    return (await inFlight.reopen(Object.assign(sequencer, { heartbeat }))).map(({ task_id }) => task_id);
  };
  const lost = () => new HeuristError('gone', { code: 'lease_lost' });

  test('tasks are resumed whose lease holds, also if the sequencer does not answer', async () => {
    for (const id of ['held', 'unknown', 'lost', 'canceled']) await noteRunning(id);
    const away = new HeuristError('away', { code: 'connection_failed' });
    const answers = { held: { cancel: false }, unknown: away, lost: lost(), canceled: { cancel: true } };
    expect((await reopen(answers)).toSorted()).toEqual(['held', 'unknown']);
    // nobody will ask for it again
    expect([canceled, cleared]).toEqual([['prompt of canceled'], [remainsOf('canceled')]]);
  });

  test('graphs that run for nobody are canceled after the first claim, except that of the task that came back', async () => {
    for (const id of ['back', 'gone']) await noteRunning(id);
    await noteFinished('done');
    await reopen({ back: lost(), gone: lost(), done: lost() });
    expect(canceled).toEqual([]);
    await inFlight.clearLeftovers('back');
    expect(canceled).toEqual(['prompt of gone']);
    expect(cleared).toEqual([remainsOf('gone')]);
    const left = (await journal.list(url)).map(({ task }) => task.task_id);
    expect(left.toSorted()).toEqual(['back', 'done']);
    await inFlight.clearLeftovers(undefined);
    expect(canceled.length).toBe(1);
  });

  test('results that were kept for a day, and whose tasks never came back, are cleared away', async () => {
    await noteFinished('a');
    await inFlight.clearLeftovers(undefined);
    await clock.advance(KEPT_MS);
    expect(cleared).toEqual([]);
    await inFlight.clearLeftovers(undefined);
    expect(cleared).toEqual([remainsOf('a')]);
  });
});
