// Which graph a task runs that names none, and what is said if no miner runs it.
import { randomUUID } from 'node:crypto';
import { defineWorkflow } from '@heurist/core/definition';
import { oneOf, options, prompt, whole } from '@heurist/core/parameters';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import type { SequencerOptions } from '../src/index.ts';
import { writeStandings } from '../src/tasks/trust/standing-table.ts';
import { type Network, startNetwork } from './support/network.ts';
import { SkipClock } from './support/skip-clock.ts';

function draw(workflow_id: string, width: z.ZodMiniType) {
  return defineWorkflow({
    workflow_id,
    task_type: 'draw',
    title: workflow_id,
    parameters: options(prompt(), { width: z.optional(width) }),
    graph: { a: { class_type: 'Draw', inputs: { text: '', width: 128 } } },
    bindings: { prompt: 'a.text', width: 'a.width' },
    outputs: ['a'],
  });
}
const workflows = [
  draw('large', whole({ min: 64, max: 2048 })),
  draw('medium', whole({ min: 64, max: 1024 })),
  draw('small', oneOf(128)),
  { ...draw('alien', oneOf(1)), task_type: 'alien' },
];

let network: Network;
const clock = new SkipClock();
const start = async (more: Partial<SequencerOptions> = {}) => {
  network = await startNetwork({ workflows, minerGraceSeconds: 0, clock, ...more });
};
afterEach(() => network.stop());

const create = async (parameters: object, more: object = {}) => {
  const { json } = await network.create({ task_type: 'draw', task_details: { parameters }, ...more });
  return json;
};
/** The graph that a task gets. */
const pick = async (parameters: object, more: object = {}) =>
  (await network.query((await create(parameters, more)).task_id)).workflow_id;
/** A miner asks for tasks of these workflows. */
const join = (...workflow_ids: string[]) => network.claim({ workflow_ids });
const fits = { prompt: 'x' };
const wide = { prompt: 'x', width: 1216 };

describe('a task that names no graph', () => {
  beforeEach(() => start());

  test('gets the first that a miner runs and that takes its parameters', async () => {
    await join('small', 'medium');
    expect(await pick(fits)).toBe('medium');
    expect(await pick({ prompt: 'x', width: 128 })).toBe('medium');
    expect(await pick(fits, { workflow_id: 'small' })).toBe('small');
    await join('large');
    expect(await pick(fits)).toBe('large');
  });

  test('without one, the first that takes its parameters, with a warning that says what runs here', async () => {
    expect(await pick(wide)).toBe('large');
    expect((await create(wide)).warning).toMatch(/runs workflow large.*waits.*No miner is connected\.$/);
    await join('alien');
    expect((await create(wide)).warning).toMatch(/This network runs alien\.$/);
    await join('small');
    const { task_id, warning } = await create(wide);
    expect(warning).toMatch(/small runs here, but not with these parameters: `width` must be 128 \(got 1216\)\.$/);
    expect(await network.query(task_id)).toMatchObject({ workflow_id: 'large', warning });
    const named = await create(fits, { workflow_id: 'large' });
    expect(named.warning).toMatch(/small runs here and takes these parameters\.$/);
    expect((await create(fits)).warning).toBeUndefined();
  });

  test('a miner that is put aside counts as one that runs it', async () => {
    await join('small');
    const paused = { miner_id: 'rig', workflow_id: 'small', doubt: 9, proven: 0, pauses: 1, finished: 0, failures: 5 };
    const until = Date.now() + 3_600_000;
    await writeStandings(network.database, [{ ...paused, codes: ['x'], failedAt: Date.now(), pausedUntil: until }]);
    expect(await pick(fits)).toBe('small');
  });

  test('goes past a graph that miners offer and whose tasks nobody takes', async () => {
    const age = () => network.database.query(`UPDATE heurist.task SET created_at = created_at - interval '2 minutes'`);
    await join('large', 'small');
    const { task_id } = await create(fits);
    expect(await pick(fits)).toBe('large');
    await age();
    clock.skip(3000);
    expect(await pick(fits)).toBe('small');
    // no other one takes it
    expect(await pick(wide)).toBe('large');
    // a miner takes one of them: whatever waits behind it
    expect((await network.claim({ workflow_ids: ['large'] })).task_id).toBe(task_id);
    await age();
    clock.skip(3000);
    expect(await pick(fits)).toBe('large');
  });

  test('sent again with its job_id, it stays the same task, whatever miners run meanwhile', async () => {
    const job_id = randomUUID();
    const { task_id } = await create(fits, { job_id });
    await join('small');
    const again = await create(fits, { job_id });
    expect(again).toMatchObject({ task_id, warning: expect.stringContaining('runs workflow large') });
    await join('large');
    expect(await create(fits, { job_id })).toMatchObject({ task_id });
    // one that names a graph asks for that one
    expect(await create(fits, { job_id, workflow_id: 'small' })).toMatchObject({ code: 'job_id_conflict' });
    expect(await create({ prompt: 'y' }, { job_id })).toMatchObject({ code: 'job_id_conflict' });
  });

  test('two submits with one job_id at the same moment are one task', async () => {
    const job_id = randomUUID();
    const replies = await Promise.all([create(fits, { job_id }), join('small'), create(fits, { job_id })]);
    expect(replies[0].task_id).toBe(replies[2].task_id);
  });
});

describe('a network that refuses what no miner runs', () => {
  beforeEach(() =>
    start({
      // within the time that miners have to connect, too
      minerGraceSeconds: 60,
      refuseUnservable: ({ workflow_id }) => (workflow_id === 'large' ? 'Connect one that draws large.' : undefined),
    }),
  );

  test('says what runs here and what to do, until a miner joins', async () => {
    await join('small');
    expect(await create(wide)).toMatchObject({
      code: 'unservable',
      message: expect.stringMatching(
        /runs workflow large\. small runs here, but not with these parameters: `width` must be 128.* Connect one that draws large\.$/,
      ),
    });
    await join('large');
    expect(await pick(wide)).toBe('large');
  });

  test('queues what it does not refuse', async () => {
    expect(await pick(fits, { workflow_id: 'medium' })).toBe('medium');
  });

  test('answers a task that it took before', async () => {
    const job_id = randomUUID();
    await join('large');
    const { task_id } = await create(wide, { job_id });
    await network.database.query('DELETE FROM heurist.miner');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await create(wide)).toMatchObject({ code: 'unservable' });
    expect(await create(wide, { job_id })).toMatchObject({ task_id });
  });
});

test('advice is the warning of a task that runs, from the submit on, and the log does not repeat what the caller wrote', async () => {
  const lines: string[] = [];
  const log = (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  await start({
    adviseTask: (workflow_id, parameters) => {
      const { prompt } = parameters as { prompt: string };
      return prompt === 'x' ? undefined : { warning: `${workflow_id} may not draw ${prompt}`, summary: 'it may not' };
    },
    logger: { info: log, warn: log, error: log },
  });
  await join('small');
  expect((await create(fits)).warning).toBeUndefined();
  const { task_id, warning } = await create({ prompt: 'a secret' }, { workflow_id: 'small' });
  expect(warning).toBe('small may not draw a secret');
  expect(lines.filter((line) => line.startsWith('it may not'))).toEqual([`it may not ${JSON.stringify({ task_id })}`]);
  expect(lines.join()).not.toContain('secret');
  // while it waits, only what it waits for is said
  expect((await network.query(task_id)).warning).toBeUndefined();
  await network.cancel(task_id);
  expect(await network.query(task_id)).toMatchObject({ status: 'canceled', warning });
});
