// Every way in which a ComfyUI, or the way to it, is known to fail (comfyui-protocol, section 0, and what operators meet), and how
// the task ends all the same.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { rawWorkflow } from '@heurist/core/definition';
import { createFastClock } from '@heurist/server-kit/fast-clock';
import {
  type Call,
  type FaultProxy,
  type Faults,
  type Reply,
  startFaultProxy,
} from '@heurist/test-servers/fault-proxy';
import { readSaved } from '@heurist/test-servers/recordings';
import { paint } from '@heurist/test-servers/workflows';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMinerWithClock } from '../src/create-miner.ts';
import type { MinerOptions } from '../src/index.ts';
import { startNetwork } from './network.ts';

let network: Awaited<ReturnType<typeof startNetwork>>;
let comfyui: FaultProxy;
let stops: (() => Promise<void>)[];

beforeAll(async () => {
  network = await startNetwork([paint, rawWorkflow], { limits: { outputs: 3 } });
});
afterAll(async () => await network.close());
beforeEach(async () => {
  comfyui = await startFaultProxy(network.engine.url, {});
  stops = [comfyui.stop];
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
});

let color = 0;
const create = (parameters: object = { color: color++ }) => network.create('paint', parameters);
const query = (task_id: string) => network.query(task_id);

function options(more: Partial<MinerOptions> = {}): MinerOptions {
  const { url: sequencer, key } = network;
  return { sequencer, key, comfyui: comfyui.url, workflows: [paint], prefetch: 0, ...more };
}

async function start(more: Partial<MinerOptions> = {}) {
  // five times as fast: waits of seconds are over in a moment
  const miner = createMinerWithClock(options(more), createFastClock(5));
  await miner.start();
  stops.push(miner.stop);
  return miner;
}

async function untilEnded(task_id: string) {
  await expect
    .poll(() => query(task_id), { timeout: 30_000, interval: 50 })
    .toMatchObject({
      status: expect.stringMatching(/finished|failed/),
    });
  return await query(task_id);
}

/** Spoils the first call of a kind, and passes all others on. */
function once(path: string, spoil: (call: Call) => Promise<Reply>): Faults['answer'] {
  let isSpoiled = false;
  return async (call) => {
    if (isSpoiled || !call.path.startsWith(path)) return await call.pass();
    isSpoiled = true;
    return await spoil(call);
  };
}

/** Lets the prompt end, and then writes something else into its history. */
function historyOf(first: (prompt_id: string) => object): Faults['answer'] {
  let spoiled = '';
  return async (call) => {
    const reply = await call.pass();
    const [, route, id = ''] = call.path.split('/');
    if (route !== 'history' || !reply || reply.body.toString() === '{}') return reply;
    spoiled ||= id;
    return spoiled === id ? { ...reply, body: JSON.stringify({ [id]: first(id) }) } : reply;
  };
}

const failure = (exception_type: string, exception_message: string, status_str = 'error') => ({
  outputs: {},
  status: {
    status_str,
    completed: status_str === 'success',
    messages: [['execution_error', { node_id: 'save', node_type: 'SaveImage', exception_type, exception_message }]],
  },
});

describe('the task finishes at the first attempt', () => {
  const settings: [fault: string, Faults][] = [
    ['the socket is refused', { socket: 'refused' }],
    ['the socket is open and silent', { socket: 'silent' }],
    ['the socket is cut again and again', { socket: 'cut' }],
    ['the answer to the prompt is lost', { answer: once('/prompt', async (call) => void (await call.pass())) }],
    ['looks at the history fail for a while', { answer: failing(/^\/history/, 2) }],
    ['looks at the queue fail for a while', { answer: failing(/^\/queue/, 2) }],
    ['the history has nothing for a while after the end', { answer: lateHistory(3) }],
    ['fetching the output fails for a while', { answer: failing(/^\/view/, 3) }],
  ];
  test.each(settings)('%s', async (_, faults) => {
    Object.assign(comfyui.faults, faults);
    await start();
    expect(await untilEnded(await create())).toMatchObject({ status: 'finished', attempt: 1 });
  });

  test('somebody else interrupts it', async () => {
    const messages = [['execution_interrupted', { node_id: 'empty' }]];
    const status = { status_str: 'error', completed: false, messages };
    comfyui.faults.answer = historyOf(() => ({ outputs: {}, status }));
    await start();
    const result = await untilEnded(await create());
    expect(result).toMatchObject({ status: 'finished', attempt: 1 });
  });

  test('the sequencer is away while the result goes up', async () => {
    const way = await startFaultProxy(network.url, { answer: failing(/^\/(miner_upload|miner_submit|uploads)/, 6) });
    stops.push(way.stop);
    await start({ sequencer: way.url });
    expect(await untilEnded(await create())).toMatchObject({ status: 'finished', attempt: 1 });
  });

  test.each([403, 404])('a proxy answers claims, heartbeats and results with a page and status %i', async (status) => {
    const page = { status, body: '<html>No</html>', type: 'text/html' };
    const left = { miner_request: 2, miner_upload: 2, artifacts: 2, miner_submit: 2 } as Record<string, number>;
    const way = await startFaultProxy(network.url, {
      async answer(call) {
        const [, name = ''] = call.path.split('/');
        if (!left[name]) return await call.pass();
        left[name]--;
        return page;
      },
    });
    stops.push(way.stop);
    const miner = await start({ sequencer: way.url });
    expect(await untilEnded(await create())).toMatchObject({ status: 'finished', attempt: 1 });
    expect(left).toMatchObject({ miner_request: 0, miner_upload: 0, miner_submit: 0 });
    expect(miner.status().state).toMatch(/idle|busy/);
  });

  test('each prompt has a socket under an id of its own, since the server forgets one of two', async () => {
    await start();
    const ids = [await create(), await create()];
    for (const id of ids) expect(await untilEnded(id)).toMatchObject({ status: 'finished' });
    const clients = comfyui.calls
      .filter(({ path }) => path === '/prompt')
      .map(({ body }) => JSON.parse(body).client_id);
    expect(new Set(clients).size).toBe(2);
  });

  test('the same graph again is not answered with the old file', async () => {
    await start();
    const ids = [await create({ color: 77 }), await create({ color: 77 })];
    for (const id of ids) {
      const { outputs } = await untilEnded(id);
      expect(outputs[0].filename).toContain(id);
    }
  });
});

function failing(path: RegExp, times: number): Faults['answer'] {
  let left = times;
  return async (call) =>
    path.test(call.path) && left-- > 0 ? { status: 502, body: 'no', type: 'text/plain' } : await call.pass();
}

/** Keeps what the history has to itself for so many looks. */
function lateHistory(looks: number): Faults['answer'] {
  let left = looks;
  return async (call) => {
    const reply = await call.pass();
    if (!call.path.startsWith('/history') || reply?.body.toString() === '{}') return reply;
    return left-- > 0 ? { status: 200, body: '{}' } : reply;
  };
}

describe('the task is done again, and finishes', () => {
  test('somebody else takes the prompt out of the queue', async () => {
    comfyui.faults.answer = once('/prompt', async ({ body }) => {
      const { prompt_id } = JSON.parse(body);
      return { status: 200, body: JSON.stringify({ prompt_id, number: 1, node_errors: {} }) };
    });
    await start();
    const result = await untilEnded(await create());
    expect(result).toMatchObject({ status: 'finished', attempt: 2, history: [{ code: 'comfyui_failed' }] });
  });

  test('the memory of the GPU is too small: it is freed first', async () => {
    comfyui.faults.answer = historyOf(() => failure('torch.OutOfMemoryError', 'Allocation on device would exceed.'));
    await start();
    const result = await untilEnded(await create());
    expect(result).toMatchObject({ status: 'finished', attempt: 2, history: [{ code: 'out_of_memory' }] });
    expect(comfyui.calls.find(({ path }) => path === '/free')?.body).toContain('"free_memory":true');
  });

  test('the disk of the ComfyUI is full', async () => {
    comfyui.faults.answer = historyOf(() => failure('OSError', "[Errno 28] No space left on device: '/home/x'"));
    const miner = await start();
    const result = await untilEnded(await create());
    expect(result).toMatchObject({ status: 'finished', attempt: 2, history: [{ code: 'comfyui_failed' }] });
    expect(miner.status()).toMatchObject({ finished: 1, failed: { comfyui_failed: 1 } });
  });

  test('the output cannot be seen for a moment', async () => {
    comfyui.faults.answer = once('/view', async () => ({ status: 404, body: '' }));
    await start();
    expect(await untilEnded(await create())).toMatchObject({ status: 'finished', attempt: 1 });
  });

  test('the output was never written: the graph does not run again', async () => {
    comfyui.faults.answer = async ({ path, pass }) =>
      path.startsWith('/view') ? { status: 404, body: '' } : await pass();
    await start();
    expect(await untilEnded(await create())).toMatchObject({
      status: 'failed',
      attempt: 1,
      error: {
        code: 'no_output',
        message: expect.stringMatching(/^Node save listed the file .*, and did not write it/),
      },
    });
  });

  test('the context of the GPU is lost: ComfyUI is restarted', async () => {
    comfyui.faults.answer = historyOf(() =>
      failure('torch.AcceleratorError', 'CUDA error: unspecified launch failure'),
    );
    let restarts = 0;
    const miner = await start({ restartComfyui: async () => void restarts++ });
    expect(await untilEnded(await create())).toMatchObject({ status: 'finished', attempt: 2 });
    expect(restarts).toBe(1);
    expect(miner.status()).toMatchObject({ restarts: 1 });
  });
});

describe('the worker thread is dead: the queue does not move, all else answers', () => {
  /** What the recording of such a server shows. */
  function deadWorker(): { faults: Faults['answer']; revive: () => void } {
    let stuck: string | undefined;
    let isAlive = false;
    return {
      revive: () => {
        isAlive = true;
      },
      async faults(call) {
        if (isAlive) return await call.pass();
        if (call.path === '/prompt') stuck ??= JSON.parse(call.body).prompt_id;
        if (call.path === '/prompt')
          return { status: 200, body: JSON.stringify({ prompt_id: stuck, number: 1, node_errors: {} }) };
        const queue = { queue_running: stuck ? [[1, stuck, {}, {}, []]] : [], queue_pending: [] };
        if (call.path === '/queue' && call.method === 'GET') return { status: 200, body: JSON.stringify(queue) };
        return await call.pass();
      },
    };
  }

  test('told how, the miner restarts it, and the task finishes', async () => {
    const { faults, revive } = deadWorker();
    // it knows how long such a graph takes, and has asked for the next one when this one is found out
    const miner = await start({ stallSeconds: 5, prefetch: 1, restartComfyui: async () => revive() });
    await untilEnded(await create());
    comfyui.faults.answer = faults;
    const result = await untilEnded(await create());
    expect(result).toMatchObject({ status: 'finished', attempt: 2, history: [{ code: 'comfyui_failed' }] });
    expect(miner.status().restarts).toBe(1);
  });

  test('else it offers nothing until the queue moves, so that no other task is spent on it', async () => {
    const { faults, revive } = deadWorker();
    comfyui.faults.answer = faults;
    const miner = await start({ stallSeconds: 5 });
    const ids = [await create(), await create()];
    await expect.poll(() => miner.status().state, { timeout: 20_000 }).toBe('waiting_for_comfyui');
    // the miner lives through five seconds
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect((await Promise.all(ids.map(query))).map(({ status, attempt }) => [status, attempt])).toEqual([
      ['waiting', 1],
      ['waiting', 0],
    ]);
    revive();
    for (const id of ids) expect(await untilEnded(id)).toMatchObject({ status: 'finished' });
  });
});

describe('the task fails, and says why', () => {
  test('a 200 that refuses some outputs: nothing of it is left in the queue', async () => {
    const error = { type: 'value_not_in_list', message: 'Value not in list', details: 'images: x', extra_info: {} };
    const node_errors = { save: { errors: [error], dependent_outputs: ['save'], class_type: 'SaveImage' } };
    comfyui.faults.answer = once('/prompt', async ({ body }) => {
      const { prompt_id } = JSON.parse(body);
      return { status: 200, body: JSON.stringify({ prompt_id, number: 1, node_errors }) };
    });
    await start();
    const result = await untilEnded(await create());
    expect(result).toMatchObject({ status: 'failed', attempt: 1, error: { code: 'graph_refused' } });
    expect(result.error.message).toContain('Value not in list');
    const { prompt_id } = JSON.parse(comfyui.calls.find(({ path }) => path === '/prompt')?.body ?? '{}');
    const deleted = comfyui.calls.filter(({ path, method }) => path === '/queue' && method === 'POST');
    expect(deleted.map(({ body }) => body)).toContain(JSON.stringify({ delete: [prompt_id] }));
  });

  test('a success that hides an error', async () => {
    comfyui.faults.answer = historyOf(() => failure('Exception', 'Dependency cycle detected', 'success'));
    await start();
    const result = await untilEnded(await create());
    expect(result).toMatchObject({ status: 'failed', error: { code: 'execution_failed', node_type: 'SaveImage' } });
    expect(result.error.message).toContain('Dependency cycle');
  });

  test('a node that fails', async () => {
    comfyui.faults.answer = historyOf(() => failure('ValueError', 'bad size'));
    await start();
    const result = await untilEnded(await create());
    expect(result).toMatchObject({
      status: 'failed',
      attempt: 1,
      error: { code: 'execution_failed', node_id: 'save' },
    });
  });
});

describe('the miner is killed', () => {
  async function spawnMiner(journal: string, sequencerUrl = network.url) {
    const { workflows, ...rest } = options({ journal, sequencer: sequencerUrl });
    const args = ['--conditions=@heurist/source', join(import.meta.dirname, 'miner-process.ts'), JSON.stringify(rest)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const kill = async () => {
      child.kill('SIGKILL');
      await exited;
    };
    stops.push(kill);
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    return kill;
  }
  const prompts = () => comfyui.calls.filter(({ path }) => path === '/prompt').length;

  /** A process that has finished a graph and cannot deliver it; then it is killed. */
  async function killBeforeDelivery(journal: string): Promise<string> {
    const answer: Faults['answer'] = async (call) => (/upload|submit/.test(call.path) ? undefined : await call.pass());
    const blocked = await startFaultProxy(network.url, { answer });
    stops.push(blocked.stop);
    const kill = await spawnMiner(journal, blocked.url);
    const id = await create();
    await expect.poll(() => blocked.calls.some(({ path }) => path === '/miner_upload'), { timeout: 20_000 }).toBe(true);
    await kill();
    return id;
  }

  test('a finished result that was not delivered is, by the next process: the graph runs once', async () => {
    const journal = join(network.folder, 'journal-finished');
    const id = await killBeforeDelivery(journal);
    await start({ journal });
    expect(await untilEnded(id)).toMatchObject({ status: 'finished' });
    expect(prompts()).toBe(1);
    await expect.poll(() => readdirSync(journal)).toEqual([]);
  });

  test('longer than its lease: the task comes back, and what was finished is delivered', async () => {
    const journal = join(network.folder, 'journal-late');
    const id = await killBeforeDelivery(journal);
    await expect.poll(() => query(id), { timeout: 10_000 }).toMatchObject({ status: 'waiting' });
    await start({ journal });
    const { status, attempt } = await untilEnded(id);
    expect(status).toBe('finished');
    // on a busy machine the second lease may be lost, too
    expect(attempt).toBeGreaterThan(1);
    expect(prompts()).toBe(1);
  });

  test('before its prompt reached the ComfyUI: the next process queues it', async () => {
    const journal = join(network.folder, 'journal-early');
    let isHeld = true;
    comfyui.faults.answer = async (call) => {
      if (isHeld && call.path === '/prompt') await new Promise(() => {});
      return await call.pass();
    };
    const kill = await spawnMiner(journal);
    const id = await create();
    await expect.poll(prompts, { timeout: 20_000 }).toBe(1);
    await kill();
    isHeld = false;
    await start({ journal });
    expect(await untilEnded(id)).toMatchObject({ status: 'finished', attempt: 1 });
  });

  test('a graph that still ran goes on, and is delivered', async () => {
    const journal = join(network.folder, 'journal-running');
    const entries = comfyui.calls;
    let isHeld = true;
    // as long as the first process lives, the prompt has not ended
    comfyui.faults.answer = async (call) => {
      const [, route] = call.path.split('/');
      if (!isHeld) return await call.pass();
      if (route === 'history') return { status: 200, body: '{}' };
      if (call.path === '/queue' && call.method === 'GET') {
        const prompt_id = entries.flatMap(({ path, body }) => (path === '/prompt' ? [JSON.parse(body).prompt_id] : []));
        const queue_running = prompt_id.map((one) => [1, one, {}, {}, []]);
        return { status: 200, body: JSON.stringify({ queue_running, queue_pending: [] }) };
      }
      return await call.pass();
    };
    const kill = await spawnMiner(journal);
    const task_id = await create();
    await expect.poll(prompts, { timeout: 20_000 }).toBe(1);
    await kill();
    isHeld = false;
    await start({ journal });
    expect(await untilEnded(task_id)).toMatchObject({ status: 'finished' });
    expect(prompts()).toBe(1);
  });
});

describe('stop', () => {
  test('gives back what has not finished, where the operator wants that', async () => {
    comfyui.faults.answer = async (call) => {
      if (call.path.startsWith('/history')) return { status: 200, body: '{}' };
      return await call.pass();
    };
    const slow = await start();
    const id = await create();
    await expect.poll(() => query(id), { timeout: 10_000 }).toMatchObject({ status: 'running' });
    await slow.stop({ giveBack: true });
    expect(await query(id)).toMatchObject({ status: 'waiting', history: [{ code: 'miner_stopped' }] });
    expect(slow.status().state).toBe('stopped');
    comfyui.faults.answer = (call) => call.pass();
    await start();
    expect(await untilEnded(id)).toMatchObject({ status: 'finished', attempt: 2 });
  });
});

test('a graph of the consumer runs where network and miner allow it', async () => {
  const parameters = { graph: paint.graph };
  await start({ rawNodes: ['EmptyImage', 'SaveImage'] });
  expect(await untilEnded(await network.create('raw', parameters))).toMatchObject({
    status: 'finished',
    outputs: [{ kind: 'image' }],
  });
});

test('nor does a miner run one whose nodes it does not list', async () => {
  const parameters = { graph: paint.graph };
  await start({ rawNodes: ['EmptyImage'] });
  const task_id = await network.create('raw', parameters);
  expect(await untilEnded(task_id)).toMatchObject({ status: 'failed', error: { code: 'graph_refused' } });
});

test('of more pictures than the network takes of a task, the first arrive after one run', async () => {
  const graph = {
    1: { class_type: 'EmptyImage', inputs: { width: 16, height: 16, batch_size: 4, color: 255 } },
    9: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'o' } },
  };
  await start({ rawNodes: ['EmptyImage', 'SaveImage'] });
  const ended = await untilEnded(await network.create('raw', { graph }));
  expect(ended).toMatchObject({ status: 'finished', attempt: 1, truncated: true });
  expect(ended.outputs).toHaveLength(3);
});

test.each([false, true])('the graph that ComfyUI wrote into a file goes up: %s', async (keepMetadata) => {
  const body = Buffer.from(readSaved('comfyui.png'));
  comfyui.faults.answer = once('/view', async () => ({ status: 200, body, type: 'image/png' }));
  await start({ keepMetadata });
  const { outputs } = await untilEnded(await create());
  const file = Buffer.from(await (await fetch(outputs[0].url)).arrayBuffer());
  expect(file.includes('secret prompt')).toBe(keepMetadata);
  expect(file.length).toBe(outputs[0].bytes);
});

test('neither a finished nor a failed prompt stays in the history of the ComfyUI', async () => {
  await start({ workflows: [paint] });
  expect(await untilEnded(await create())).toMatchObject({ status: 'finished' });
  comfyui.faults.answer = historyOf(() => failure('ValueError', 'bad size'));
  expect(await untilEnded(await create())).toMatchObject({ status: 'failed' });
  const mine = comfyui.calls.flatMap(({ path, body }) => (path === '/prompt' ? [JSON.parse(body).prompt_id] : []));
  const left = async () => Object.keys((await (await fetch(`${network.engine.url}/history`)).json()) as object);
  expect(mine).toHaveLength(2);
  await expect.poll(async () => (await left()).filter((id) => mine.includes(id))).toEqual([]);
});

test('a result says with what it was made', async () => {
  await start();
  const { versions } = await untilEnded(await create());
  expect(versions).toMatchObject({ comfyui: expect.stringMatching(/\d/) });
});
