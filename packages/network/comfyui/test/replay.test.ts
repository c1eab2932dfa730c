import { createFastClock } from '@heurist/server-kit/fast-clock';
import { describe, expect, test } from 'vitest';
import { ComfyClient, ComfyError, type ComfyPreview, type ComfyProgress } from '../src/index.ts';
import { readPrompts } from './recording.ts';
import { type Faults, startReplay } from './replay-server.ts';

const recordings = [
  '01_success',
  '02_cached_rerun',
  '04_runtime_failure',
  '05_interrupt',
  '10_previews_binary',
  '11_save_nodes',
  '12_execution_semantics',
] as const;

const recorded = recordings.flatMap((name) =>
  readPrompts(name)
    .filter(({ reply, history }) => reply.status === 200 && history)
    .map((prompt, index) => ({ name: `${name} #${index} ${prompt.note}`, prompt })),
);
const [success] = readPrompts('01_success').filter(({ history }) => history);
if (!success) throw new Error('The recordings have no success.');

async function outcome(
  prompt = success!,
  faults: Faults = {},
  options: { stallTimeout?: number; signal?: AbortSignal } = {},
) {
  await using server = await startReplay(prompt, faults);
  // ten times as fast: limits of seconds are reached in a moment
  const clock = createFastClock(10);
  const client = new ComfyClient(
    { url: server.url, pollInterval: 2000, stallTimeout: options.stallTimeout ?? 100_000 },
    clock,
  );
  const seen: ComfyProgress[] = [];
  const previews: ComfyPreview[] = [];
  const result = await client
    .run(prompt.graph, {
      onProgress: (progress) => seen.push(progress),
      onPreview: (preview) => previews.push(preview),
      ...(options.signal && { signal: options.signal }),
    })
    .catch((error: unknown) => error);
  return { result, seen, previews, calls: server.calls, prompt_id: server.prompt_id };
}

const files = (outputs: Record<string, Record<string, unknown>>) =>
  Object.values(outputs)
    .flatMap((byKey) => Object.values(byKey).flat())
    .flatMap((item) => (typeof item === 'object' && item && 'filename' in item ? [item.filename] : []));

describe.concurrent('recorded prompts end as they did', () => {
  test.each(recorded)('$name', async ({ prompt }) => {
    const { result, seen } = await outcome(prompt);
    const messages = prompt.history.status.messages.map(([type]: [string]) => type);
    if (messages.includes('execution_interrupted')) expect(result).toMatchObject({ code: 'comfyui_interrupted' });
    else if (messages.includes('execution_error') && prompt.history.status.status_str === 'error') {
      expect(result).toMatchObject({ code: 'comfyui_execution_failed', node_id: expect.any(String) });
      const [, failure] = prompt.history.status.messages.find(([type]: [string]) => type === 'execution_error');
      expect((result as Error).message).toContain(failure.exception_message.trim());
    } else if (result instanceof Error) {
      // a failure inside an expanded node hides behind "success"
      expect(messages).toContain('execution_error');
    } else {
      const { outputs } = result as { outputs: { filename?: string }[] };
      expect(outputs.flatMap(({ filename }) => filename ?? [])).toEqual(files(prompt.history.outputs));
      if (prompt.frames.length) expect(seen.at(-1)?.percent).toBe(100);
    }
    const percents = seen.map(({ percent }) => percent);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  });
});

describe.concurrent('recorded refusals keep every node error', () => {
  const refusals = readPrompts('03_validation_failures').filter(({ reply }) => reply.status === 400);
  test.each(refusals.map((prompt) => ({ note: prompt.note, prompt })))('$note', async ({ prompt }) => {
    const { result } = await outcome(prompt);
    expect(ComfyError.isInstance(result) && result.code).toBe('comfyui_invalid_graph');
    const expected = prompt.reply.json?.node_errors as Record<string, { errors: { type: string }[] }>;
    const types = (errors: typeof expected) =>
      Object.values(errors).flatMap((node) => node.errors.map(({ type }) => type));
    expect(types((result as ComfyError).nodeErrors)).toEqual(types(expected));
  });

  test('a 200 with node errors is a refusal too, and what was queued is taken back', async () => {
    const partly = readPrompts('03_validation_failures').find(({ prompt_id }) => prompt_id === 'partly-valid');
    const { result, calls, prompt_id } = await outcome(partly);
    expect(result).toMatchObject({ code: 'comfyui_invalid_graph' });
    expect(calls).toContainEqual({ path: '/queue', body: { delete: [prompt_id] } });
  });

  test('a server error is told apart from a refusal', async () => {
    const broken = readPrompts('03_validation_failures').find(({ reply }) => reply.status === 500);
    expect((await outcome(broken)).result).toMatchObject({ code: 'comfyui_unreachable', status: 500 });
  });
});

test('previews arrive with and without metadata', async () => {
  const prompts = readPrompts('10_previews_binary').filter(({ frames }) =>
    frames.some((frame) => typeof frame !== 'string'),
  );
  const all = await Promise.all(prompts.map((prompt) => outcome({ ...prompt, history: success!.history })));
  const previews = all.flatMap((one) => one.previews);
  expect(previews.some(({ node_id }) => node_id === '2')).toBe(true);
  expect(previews.some(({ node_id }) => node_id === undefined)).toBe(true);
  expect(new Set(previews.map(({ contentType }) => contentType))).toEqual(new Set(['image/jpeg', 'image/png']));
});

describe.concurrent('the history decides, whatever the socket does', () => {
  const endsWell: Record<string, Faults> = {
    'the entry comes long after the end was announced': { historyDelay: 300 },
    'no event arrives at all': { isSilent: true, historyDelay: 300 },
    'the socket is cut in mid-run': { cutAfter: 6, historyDelay: 400 },
    'the socket is refused': { noSocket: true, historyDelay: 300 },
    'all events arrive before the submit is answered': { framesFirst: true },
    'the answer to the submit is lost': { losesReply: true },
    'the prompt is between queue and history for a while': { isSilent: true, place: 'nowhere', historyDelay: 150 },
  };
  test.each(Object.entries(endsWell))('%s', async (_, faults) => {
    expect((await outcome(success, faults)).result).toMatchObject({ outputs: [{ kind: 'image' }, { kind: 'image' }] });
  });

  test('the recorded race: success was announced, the history was still empty', async () => {
    const [first] = readPrompts('13_history_race');
    const { result } = await outcome({ ...first!, history: success!.history }, { historyDelay: 200 });
    expect(result).toMatchObject({ outputs: expect.any(Array) });
  });

  test('the recorded reconnect: events of the dropped time are gone', async () => {
    const [first] = readPrompts('09_reconnect');
    const prompt = { ...first!, history: success!.history };
    expect((await outcome(prompt, { cutAfter: 5, historyDelay: 300 })).result).not.toBeInstanceOf(Error);
  });

  test('a prompt that is nowhere is lost', async () => {
    const faults: Faults = { isSilent: true, place: 'nowhere', historyDelay: Number.POSITIVE_INFINITY };
    expect((await outcome(success, faults)).result).toMatchObject({ code: 'comfyui_prompt_lost', isRetryable: true });
  });

  test('the recorded dead worker thread: the queue does not move, the server answers everything', async () => {
    const [poison] = readPrompts('16_worker_thread_death');
    const faults: Faults = { historyDelay: Number.POSITIVE_INFINITY };
    const { result, calls, prompt_id } = await outcome(poison, faults, { stallTimeout: 10_000 });
    expect(result).toMatchObject({ code: 'comfyui_stuck', message: expect.stringContaining('Restart') });
    expect(calls).toContainEqual({ path: '/interrupt', body: { prompt_id } });
  });
});

describe.concurrent('abort cancels exactly this prompt', () => {
  test.each([
    ['running', true],
    ['pending', false],
  ] as const)('%s', async (place, interrupts) => {
    const faults: Faults = { isSilent: true, place, historyDelay: Number.POSITIVE_INFINITY };
    const { result, calls, prompt_id } = await outcome(success, faults, { signal: AbortSignal.timeout(500) });
    expect(result).toMatchObject({ name: 'TimeoutError' });
    expect(calls).toContainEqual({ path: '/queue', body: { delete: [prompt_id] } });
    expect(calls.some(({ path }) => path === '/interrupt')).toBe(interrupts);
    if (interrupts) expect(calls).toContainEqual({ path: '/interrupt', body: { prompt_id } });
  });
});
