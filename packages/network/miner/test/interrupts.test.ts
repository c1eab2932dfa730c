// An interrupt reaches the run that it is meant for, and a run that is hit by another's is not the task's fault.
import { type FaultProxy, type Faults, startFaultProxy } from '@heurist/test-servers/fault-proxy';
import { type SlowComfyui, startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { paint } from '@heurist/test-servers/workflows';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMiner, type Miner } from '../src/index.ts';
import { StubSequencer } from './stub-sequencer.ts';

let server: SlowComfyui;
let comfyui: FaultProxy;
let miners: Miner[];
beforeEach(async () => {
  server = await startSlowComfyui({ durations: [1500] });
  comfyui = await startFaultProxy(server.url);
  miners = [];
});
afterEach(async () => {
  await Promise.all(miners.map((miner) => miner.stop({ giveBack: true })));
  await comfyui.stop();
  await server.stop();
});

async function start(sequencer: StubSequencer, way = comfyui) {
  const connection = { sequencer: 'http://127.0.0.1:1', key: 'rig#secret', comfyui: way.url, protocol: sequencer };
  const miner = createMiner({ ...connection, workflows: [paint], prefetch: 1 });
  await miner.start();
  miners.push(miner);
  return miner;
}
const promptsOf = (way: FaultProxy) =>
  way.calls.flatMap(({ path, body }) => (path === '/prompt' ? [JSON.parse(body).prompt_id as string] : []));
const interrupt = (prompt_id: string) =>
  fetch(`${server.url}/interrupt`, { method: 'POST', body: JSON.stringify({ prompt_id }) });

/** As servers before September 2025: an interrupt hits what runs, whatever it was meant for. Here that is the newest prompt. */
const hitsTheNewest: Faults['answer'] = async (call) => {
  if (call.path === '/interrupt') await interrupt(promptsOf(comfyui).at(-1)!);
  return await call.pass();
};
/** Cancels the first lease once a prompt has begun behind it. */
function cancelFirst(sequencer: StubSequencer, hasBegun: () => boolean) {
  sequencer.heartbeat = async (lease_id) => ({ cancel: lease_id === 'lease of first' && hasBegun() });
}

test('the interrupt of a canceled task hits the next one, which has begun meanwhile: that runs again, and finishes', async () => {
  comfyui.faults.answer = hitsTheNewest;
  const sequencer = new StubSequencer();
  cancelFirst(sequencer, () => promptsOf(comfyui).length >= 2);
  sequencer.add({ task_id: 'first', heartbeat_seconds: 0.1 });
  sequencer.add({ task_id: 'second' });
  await start(sequencer);
  await expect.poll(() => sequencer.reports.length, { timeout: 10_000 }).toBe(1);
  expect(sequencer.reports).toMatchObject([{ lease_id: 'lease of second', success: true }]);
  // the first, the second, and the second again
  expect(promptsOf(comfyui)).toHaveLength(3);
});

test('two miners share one ComfyUI: what one interrupts of the other runs again there', async () => {
  const [one, two] = [new StubSequencer(), new StubSequencer()];
  const other = await startFaultProxy(server.url);
  comfyui.faults.answer = async (call) => {
    if (call.path === '/interrupt') await interrupt(promptsOf(other).at(-1)!);
    return await call.pass();
  };
  cancelFirst(one, () => promptsOf(other).length === 1);
  one.add({ task_id: 'first', heartbeat_seconds: 0.1 });
  await start(one);
  await expect.poll(() => promptsOf(comfyui).length, { timeout: 10_000 }).toBe(1);
  two.add({ task_id: 'of another' });
  await start(two, other);
  await expect.poll(() => two.reports.length, { timeout: 10_000 }).toBe(1);
  expect(two.reports).toMatchObject([{ success: true }]);
  expect(one.reports).toEqual([]);
  await Promise.all(miners.splice(0).map((miner) => miner.stop({ giveBack: true })));
  await other.stop();
});

test('a task that is interrupted without end is a fault of this miner: another may do it', async () => {
  comfyui.faults.answer = async (call) => {
    const reply = await call.pass();
    if (call.path === '/prompt') await interrupt(JSON.parse(call.body).prompt_id);
    return reply;
  };
  const sequencer = new StubSequencer();
  sequencer.add({ task_id: 'a' });
  const miner = await start(sequencer);
  await expect.poll(() => sequencer.reports.length, { timeout: 20_000 }).toBe(1);
  expect(sequencer.reports).toMatchObject([{ success: false, error: { code: 'comfyui_failed', is_retryable: true } }]);
  expect(promptsOf(comfyui)).toHaveLength(4);
  expect(miner.status().failed).toEqual({ comfyui_failed: 1 });
});

test('an interrupt names its prompt, and is not sent for one that has left the queue', async () => {
  const sequencer = new StubSequencer();
  // the end of the first is hidden until it is canceled: then it is long over
  let isHidden = true;
  comfyui.faults.answer = async (call) =>
    isHidden && call.path.startsWith('/history/') ? { status: 200, body: '{}' } : await call.pass();
  sequencer.add({ task_id: 'first', heartbeat_seconds: 0.1 });
  let isCanceled = false;
  sequencer.heartbeat = async (lease_id) => ({ cancel: lease_id === 'lease of first' && isCanceled });
  const miner = await start(sequencer);
  const running = async () =>
    ((await (await fetch(`${server.url}/queue`)).json()) as { queue_running: unknown[] }).queue_running;
  await expect.poll(() => promptsOf(comfyui).length, { timeout: 10_000 }).toBe(1);
  await expect.poll(running, { timeout: 10_000 }).toEqual([]);
  isCanceled = true;
  await expect.poll(() => miner.status().lost, { timeout: 10_000 }).toBe(1);
  isHidden = false;
  expect(comfyui.calls.filter(({ path }) => path === '/interrupt')).toEqual([]);
  sequencer.add({ task_id: 'second' });
  await expect.poll(() => promptsOf(comfyui).length, { timeout: 10_000 }).toBe(2);
  await miner.stop({ giveBack: true });
  const sent = comfyui.calls.filter(({ path }) => path === '/interrupt').map(({ body }) => JSON.parse(body));
  expect(sent).toEqual([{ prompt_id: promptsOf(comfyui)[1] }]);
});
