import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterEach, expect, test } from 'vitest';
import { readColor, type SlowComfyui, startSlowComfyui } from '../src/slow-comfyui.ts';

let server: SlowComfyui;
let clock: FakeClock;
afterEach(() => server.stop());

async function start(capacity: number, oneAtATime = false) {
  clock = new FakeClock();
  server = await startSlowComfyui({
    clock,
    capacity,
    oneAtATime,
    durations: [500],
    loadMs: 8000,
    models: { checkpoints: ['a', 'b', 'c'] },
  });
}

const graphOf = (model?: string) => ({
  ...(model && { load: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: model } } }),
  empty: { class_type: 'EmptyImage', inputs: { color: 0x123456 } },
});

async function submit(prompt_id: string, model?: string): Promise<void> {
  const body = JSON.stringify({ prompt_id, prompt: graphOf(model), client_id: 'x' });
  await fetch(`${server.url}/prompt`, { method: 'POST', body });
}
const getJson = async (path: string) => (await (await fetch(`${server.url}${path}`)).json()) as object;
const hasEnded = async (id: string) => id in (await getJson(`/history/${id}`));

test('a prompt without a model takes only its own time, and paints', async () => {
  await start(1);
  await submit('p');
  await clock.advance(499);
  expect(await hasEnded('p')).toBe(false);
  await clock.advance(1);
  expect(await hasEnded('p')).toBe(true);
  expect(server.loads).toEqual([]);
  const png = await (await fetch(`${server.url}/view?filename=p.png`)).arrayBuffer();
  expect(await readColor(new Uint8Array(png))).toBe(0x123456);
});

test('a model that is not in memory costs its load time, once', async () => {
  await start(1);
  await submit('cold', 'a');
  await clock.advance(8499);
  expect(await hasEnded('cold')).toBe(false);
  await clock.advance(1);
  expect(await hasEnded('cold')).toBe(true);
  await submit('warm', 'a');
  await clock.advance(500);
  expect(await hasEnded('warm')).toBe(true);
  expect(server.loads).toEqual(['a']);
});

test.each([
  [false, 500],
  [true, 1000],
])('two prompts at once, one at a time: %s', async (oneAtATime, ms) => {
  await start(1, oneAtATime);
  await submit('p');
  await submit('q');
  await clock.advance(ms - 1);
  expect(await hasEnded('q')).toBe(false);
  await clock.advance(1);
  expect(await hasEnded('q')).toBe(true);
});

test('the model that was used longest ago makes room', async () => {
  await start(2);
  for (const [index, model] of ['a', 'b', 'a', 'c', 'a', 'b'].entries()) {
    await submit(`${index}`, model);
    await clock.advance(8500);
  }
  expect(server.loads).toEqual(['a', 'b', 'c', 'b']);
  expect(server.held).toEqual(['a', 'b']);
});

test('lists its models as a ComfyUI does', async () => {
  await start(1);
  expect(await getJson('/models/checkpoints')).toEqual(['a', 'b', 'c']);
  expect(await getJson('/models/loras')).toEqual([]);
});
