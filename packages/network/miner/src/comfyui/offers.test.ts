import type { ObjectInfo } from '@heurist/comfyui';
import { ComfyClient } from '@heurist/comfyui';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { type FaultProxy, startFaultProxy } from '@heurist/test-servers/fault-proxy';
import { type SlowComfyui, startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { paint } from '@heurist/test-servers/workflows';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CHECK_MS, Offers } from './offers.ts';

const big = { ...paint, workflow_id: 'big', requirements: { nodes: ['Sampler9'], models: [] } };

let server: SlowComfyui;
let proxy: FaultProxy;
let clock: FakeClock;
let classes: ObjectInfo;
beforeEach(async () => {
  clock = new FakeClock(0);
  server = await startSlowComfyui();
  proxy = await startFaultProxy(server.url);
  const info = { input: {}, output: [], output_node: true };
  classes = { EmptyImage: info, SaveImage: info };
  proxy.faults.answer = async ({ path, pass }) =>
    path === '/object_info' ? { status: 200, body: JSON.stringify(classes) } : await pass();
});
afterEach(async () => {
  await proxy.stop();
  await server.stop();
});

const create = (...workflows: (typeof paint)[]) => new Offers(new ComfyClient({ url: proxy.url }), workflows, clock);
const looks = () => proxy.calls.filter(({ path }) => path === '/object_info').length;

test('offers what can run, and says what is missing for the rest', async () => {
  const offers = create(paint, big);
  const checks = await offers.load();
  expect(checks.map(({ workflow_id, missing }) => [workflow_id, missing])).toEqual([
    ['paint', []],
    ['big', ['node class Sampler9']],
  ]);
  expect([offers.workflowIds, offers.missing]).toEqual([['paint'], { big: ['node class Sampler9'] }]);
  expect(offers.find('paint')).toMatchObject({ definition: paint, info: { EmptyImage: { output_node: true } } });
  expect(offers.find('big')).toBeUndefined();
  expect(offers.url).toBe(`${proxy.url}/`);
});

test('a ComfyUI that can run nothing is refused, with what each workflow needs', async () => {
  const huge = { ...big, workflow_id: 'huge' };
  await expect(create(big, huge).load()).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: `The ComfyUI at ${proxy.url}/ cannot run any of these workflows:\nbig needs node class Sampler9\nhuge needs node class Sampler9`,
  });
});

test('asks again once the answer is older than five minutes', async () => {
  const offers = create(paint, big);
  await offers.load();
  await clock.advance(CHECK_MS);
  await offers.refreshIfStale();
  expect(looks()).toBe(1);
  classes.Sampler9 = classes.SaveImage!;
  await clock.advance(1);
  await offers.refreshIfStale();
  expect([looks(), offers.workflowIds, offers.missing]).toEqual([2, ['paint', 'big'], {}]);
  await offers.refreshIfStale();
  expect(looks()).toBe(2);
});

test('what it said before counts while it does not answer; then it is left alone for another five minutes', async () => {
  const offers = create(paint, big);
  await offers.load();
  await clock.advance(CHECK_MS + 1);
  proxy.faults.answer = async () => ({ status: 400, body: '' });
  await offers.refreshIfStale();
  expect([looks(), offers.workflowIds]).toEqual([2, ['paint']]);
  await offers.refreshIfStale();
  expect(looks()).toBe(2);
});
