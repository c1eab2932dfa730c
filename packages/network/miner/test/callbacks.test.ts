// Whatever a miner is given, or calls back, may throw: the process goes on, and so does the work that it holds. Vitest fails on an
// unhandled rejection or exception, which would end a process.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFastClock } from '@heurist/server-kit/fast-clock';
import { startFaultProxy } from '@heurist/test-servers/fault-proxy';
import { type SlowComfyui, startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { paint } from '@heurist/test-servers/workflows';
import { context, propagation, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMinerWithClock } from '../src/create-miner.ts';
import { type MinerOptions, serveStatus } from '../src/index.ts';
import { StubSequencer } from './stub-sequencer.ts';

let comfyui: SlowComfyui;
let sequencer: StubSequencer;
let folder: string;
let stops: (() => Promise<void>)[];
beforeEach(async () => {
  comfyui = await startSlowComfyui({ durations: [50] });
  sequencer = new StubSequencer();
  folder = mkdtempSync(join(tmpdir(), 'callbacks-'));
  stops = [];
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
  await comfyui.stop();
  rmSync(folder, { recursive: true, force: true });
  trace.disable();
  propagation.disable();
  context.disable();
});

async function start(more: Partial<MinerOptions> = {}) {
  const connection = { sequencer: 'http://127.0.0.1:1', key: 'rig#secret', comfyui: comfyui.url, protocol: sequencer };
  const miner = createMinerWithClock({ ...connection, workflows: [paint], ...more }, createFastClock(20));
  await miner.start();
  stops.push(() => miner.stop({ giveBack: true }));
  return miner;
}
const successes = () => sequencer.reports.filter(({ success }) => success).map(({ lease_id }) => lease_id);
/** The miner takes a task and finishes it. */
async function expectWork(...task_ids: string[]): Promise<void> {
  for (const task_id of task_ids) sequencer.add({ task_id });
  const leases = task_ids.map((task_id) => `lease of ${task_id}`);
  await expect.poll(successes, { timeout: 10_000 }).toEqual(expect.arrayContaining(leases));
}

const ways: [string, (value: unknown) => never | Promise<never>][] = [
  [
    'throws',
    (value) => {
      throw value;
    },
  ],
  ['rejects', (value) => Promise.reject(value)],
];
const bugs = [new Error('bug'), undefined, 'text', { code: 'x' }];

describe.each(ways)('%s', (_, fail) => {
  test.each(bugs)('the log, with %o', async (bug) => {
    const log = () => fail(bug) as unknown as undefined;
    await start({ logger: { info: log, warn: log, error: log } });
    sequencer.add({ task_id: 'wrong', task_details: { parameters: { color: 'none' } } });
    await expectWork('a', 'b');
  });

  test.each(['claim', 'heartbeat', 'upload', 'submit'] as const)(
    'each kind of bug in %s of the protocol',
    async (name) => {
      let left = bugs.length;
      const real = sequencer[name].bind(sequencer) as (...args: unknown[]) => Promise<never>;
      Object.assign(sequencer, { [name]: (...args: unknown[]) => (left > 0 ? fail(bugs[--left]) : real(...args)) });
      await start();
      for (let index = 0; index < bugs.length; index++) sequencer.add({ task_id: `${index}`, heartbeat_seconds: 0.05 });
      if (name !== 'heartbeat') await expect.poll(() => left, { timeout: 10_000 }).toBe(0);
      await expectWork('a', 'b');
      // each of them failed its task, and was reported
      if (name === 'upload')
        await expect.poll(() => sequencer.reports.length, { timeout: 10_000 }).toBe(bugs.length + 2);
    },
  );

  test.each(bugs)('the restart command, with %o', async (bug) => {
    let restarts = 0;
    const way = await startFaultProxy(comfyui.url);
    stops.push(way.stop);
    let isBroken = true;
    way.faults.answer = async (call) => {
      const reply = await call.pass();
      const [, route, id = ''] = call.path.split('/');
      if (!isBroken || route !== 'history' || reply?.body.toString() === '{}') return reply;
      isBroken = false;
      const messages = [['execution_error', { exception_type: 'RuntimeError', exception_message: 'CUDA error: x' }]];
      return {
        status: 200,
        body: JSON.stringify({ [id]: { outputs: {}, status: { status_str: 'error', completed: false, messages } } }),
      };
    };
    const restartComfyui = (): Promise<void> => {
      restarts++;
      return fail(bug) as Promise<never>;
    };
    await start({ comfyui: way.url, restartComfyui });
    sequencer.add({ task_id: 'broken' });
    await expect.poll(() => sequencer.reports.length, { timeout: 10_000 }).toBe(1);
    await expectWork('a');
    expect(restarts).toBe(1);
  });
});

test('a restart command that never comes back', async () => {
  const way = await startFaultProxy(comfyui.url, {
    answer: async (call) => (call.path === '/prompt' ? undefined : await call.pass()),
  });
  stops.push(way.stop);
  await start({ comfyui: way.url, stallSeconds: 1, restartComfyui: () => new Promise(() => {}) });
  sequencer.add({ task_id: 'broken' });
  await expect.poll(() => sequencer.reports.length, { timeout: 10_000 }).toBe(1);
  way.faults.answer = undefined;
  await expectWork('a');
});

test('the journal: a file lies where its folder should be', async () => {
  writeFileSync(join(folder, 'file'), '');
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  await start({ journal: join(folder, 'file', 'journal'), logger: { info: log, warn: log, error: log } });
  await expectWork('a', 'b');
  expect(lines.filter((line) => line.includes('the journal'))).toHaveLength(1);
});

describe('tracing', () => {
  const broken = (): never => {
    throw new Error('bug');
  };
  const span = { setStatus: broken, end: broken };
  test.each([
    ['the tracer', { getTracer: broken }],
    ['the start of a span', { getTracer: () => ({ startActiveSpan: broken }) }],
    [
      'the end of a span',
      {
        getTracer: () => ({
          startActiveSpan: (...args: unknown[]) => (args.at(-1) as (given: object) => unknown)(span),
        }),
      },
    ],
    [
      'a tracer after it has called',
      {
        getTracer: () => ({
          startActiveSpan(...args: unknown[]) {
            void (args.at(-1) as (given: object) => unknown)(span);
            broken();
          },
        }),
      },
    ],
  ])('%s', async (_, provider) => {
    trace.setGlobalTracerProvider(provider as never);
    propagation.setGlobalPropagator({ extract: broken, inject: broken, fields: broken });
    await start();
    sequencer.add({ task_id: 'wrong', task_details: { parameters: { color: 'none' } } });
    await expectWork('a');
    // each graph ran once
    expect(sequencer.reports).toHaveLength(2);
  });
});

test('the report of the status server', async () => {
  const miner = await start();
  let isBroken = true;
  const report = () => {
    if (isBroken) throw new Error('bug');
    return [miner.status()];
  };
  const server = await serveStatus(report, { port: 0 });
  stops.push(server.close);
  for (const page of ['healthz', 'metrics']) expect((await fetch(`${server.url}/${page}`)).status).toBe(500);
  isBroken = false;
  expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
  await expectWork('a');
});

test.each(['silent', 'cut', 'refused'] as const)('the socket is %s', async (socket) => {
  const way = await startFaultProxy(comfyui.url, { socket });
  stops.push(way.stop);
  await start({ comfyui: way.url });
  await expectWork('a');
});
