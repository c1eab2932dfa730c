import { expect, test, vi } from 'vitest';
import type { FamilyInfo, NewTaskRequest, TaskState } from '../../shared/api.ts';
import type { TextStorage } from '../data/store.ts';
import {
  type Chain,
  nextStep,
  reasonAgainstMove,
  reasonAgainstOrder,
  requestOf,
  reset,
  stoppedAt,
  withAdded,
  withMoved,
  withOption,
  withoutStep,
  withPrompt,
} from './chain.ts';
import { programOf } from './chain-program.ts';
import { lookOf, nextRun, shownTask, summaryOfChain, withDraft } from './chain-state.ts';
import { ChainStore } from './chain-store.ts';
import { type ChainRunner, runChain } from './run-chain.ts';

const text = { type: 'string' };
const family = (name: string, options: string[], required: string[]): FamilyInfo => ({
  name,
  package: `@heurist/${name}`,
  task: `${name}Task`,
  task_type: name,
  title: name,
  makes: 'image',
  workflows: [
    {
      workflow_id: `${name}-1`,
      title: name,
      options: Object.fromEntries(options.map((option) => [option, option === 'seed' ? { type: 'integer' } : text])),
      required,
      files: Object.fromEntries(
        options.filter((option) => option.endsWith('_url')).map((option) => [option, option.replace('_url', '')]),
      ),
    },
  ],
});
const catalogue = [
  family('draw', ['prompt', 'seed'], ['prompt']),
  family('paint', ['image_url', 'mask_url', 'prompt', 'seed'], ['image_url', 'mask_url', 'prompt']),
  family('enlarge', ['image_url'], ['image_url']),
];
const mask = { url: 'http://x', name: 'mask.png' };
const step = (name: string, options = {}) => ({ family: name, workflow_id: `${name}-1`, options });
const chain: Chain = {
  id: 'c',
  name: 'Chain',
  prompt: 'a fox',
  steps: [step('draw'), step('paint', { mask_url: mask }), step('enlarge')],
  isRunning: false,
};

/** A network in which every task ends at once, as `ends` says. */
function runnerOf(ends: Record<string, Partial<TaskState>> = {}) {
  const requests: NewTaskRequest[] = [];
  const saved: Chain[] = [];
  const ids = new Map<string, string>();
  const stop = new AbortController();
  let count = 0;
  const runner: ChainRunner = {
    catalogue,
    signal: stop.signal,
    newId: () => `job-${++count}`,
    save: (next) => void saved.push(next),
    async submit(request) {
      requests.push(request);
      const task_id = ids.get(request.job_id) ?? `task-${ids.size + 1}-${request.family}`;
      ids.set(request.job_id, task_id);
      return task_id;
    },
    async untilEnded(task_id) {
      const end = ends[task_id.split('-')[2]!] ?? {};
      return { task_id, status: 'finished', parameters: { seed: 7 }, ...end };
    },
  };
  return { runner, requests, saved, stop };
}

test('each step gets the output of the one before, the prompt, and what it was given', async () => {
  const { runner, requests, saved } = runnerOf();
  const ended = await runChain(chain, runner);
  expect(requests.map(({ options }) => options)).toEqual([
    { prompt: 'a fox' },
    { prompt: 'a fox', mask_url: mask, image_url: { task_id: 'task-1-draw', output: 0 } },
    { image_url: { task_id: 'task-2-paint', output: 0 } },
  ]);
  expect(ended.steps.map(({ end }) => end)).toEqual(Array(3).fill({ status: 'finished', seed: 7 }));
  expect([saved[0]?.isRunning, ended.isRunning, nextStep(ended)]).toEqual([true, false, undefined]);
});

test('a step that failed is named with its reason, and the next ones wait for it', async () => {
  const { runner, requests } = runnerOf({ paint: { status: 'failed', error: { code: 'x', message: 'No room.' } } });
  const ended = await runChain(chain, runner);
  expect(requests).toHaveLength(2);
  expect(stoppedAt(ended)).toEqual({ index: 1, end: { status: 'failed', message: 'No room.', seed: 7 } });
  const again = runnerOf();
  const retried = await runChain(reset(ended, 1), again.runner);
  expect(again.requests.map(({ family: name }) => name)).toEqual(['paint', 'enlarge']);
  expect(stoppedAt(retried)).toBeUndefined();
});

test('from every state that a reload can meet, it goes on without a second task', async () => {
  const first = runnerOf();
  await runChain(chain, first.runner);
  for (const state of [...first.saved]) {
    const requests: NewTaskRequest[] = [];
    const submit = async (request: NewTaskRequest) => {
      requests.push(request);
      return await first.runner.submit(request);
    };
    const ended = await runChain(JSON.parse(JSON.stringify(state)), { ...first.runner, submit });
    expect(nextStep(ended)).toBeUndefined();
    // what had an id is not submitted again; what was cut off in between is the same task
    for (const { task_id } of state.steps.filter((known) => known.task_id))
      expect(ended.steps.map((known) => known.task_id)).toContain(task_id);
    for (const { family: name } of requests)
      expect(state.steps.find((known) => known.family === name)?.task_id).toBeUndefined();
    const cutOff = state.steps.findIndex(({ job_id, task_id }) => job_id && !task_id);
    if (cutOff >= 0) expect(requests[0]?.job_id).toBe(state.steps[cutOff]?.job_id);
  }
  expect(first.saved.length).toBeGreaterThan(9);
});

test('what a step needs is asked for before anything is submitted for it', async () => {
  const { runner, requests } = runnerOf();
  const without = { ...chain, prompt: '', steps: [step('draw', { prompt: 'x' }), step('paint')] };
  expect(stoppedAt(await runChain(without, runner))?.end.message).toBe(
    'It needs a mask and a prompt. Paint it over the picture, then go on.',
  );
  expect(requests).toHaveLength(1);
  expect(requestOf(chain, 2, catalogue)).toEqual({ missing: ['image_url'] });
});

test('a refused submit is the failure of its step; what is gone says so', async () => {
  const { runner } = runnerOf();
  const submit = vi.fn(async () => {
    throw new Error('Too many requests.');
  });
  expect(stoppedAt(await runChain(chain, { ...runner, submit }))).toEqual({
    index: 0,
    end: { status: 'failed', message: 'Too many requests.' },
  });
  const gone = await runChain(chain, { ...runner, untilEnded: async () => undefined });
  expect(stoppedAt(gone)?.end).toEqual({ status: 'gone', message: 'The network no longer has this task.' });
});

test('stopped, it changes nothing any more', async () => {
  const { runner, saved, stop } = runnerOf();
  const untilEnded = async (task_id: string) => {
    stop.abort();
    return await runner.untilEnded(task_id);
  };
  await runChain(chain, { ...runner, untilEnded });
  expect(saved.at(-1)?.steps[0]).toMatchObject({ task_id: 'task-1-draw' });
  expect(saved.at(-1)?.steps[0]?.end).toBeUndefined();
});

test('another prompt runs again what depends on it; a changed step what comes after it', async () => {
  const { runner } = runnerOf();
  const ended = await runChain(chain, runner);
  const runs = ({ steps }: Chain) => steps.map(({ task_id }) => task_id !== undefined);
  expect(runs(withPrompt(ended, 'a cat', catalogue))).toEqual([false, false, false]);
  expect(withPrompt(ended, 'a fox', catalogue)).toBe(ended);
  const own = {
    ...ended,
    steps: ended.steps.map((one, index) => (index ? one : { ...one, options: { prompt: 'a dog' } })),
  };
  expect(runs(withPrompt(own, 'a cat', catalogue))).toEqual([true, false, false]);
  expect(runs(withOption(ended, 1, 'seed', 3))).toEqual([true, false, false]);
  expect(withOption(ended, 1, 'mask_url', undefined).steps[1]?.options).toEqual({});
  expect(runs(withoutStep(ended, 1))).toEqual([true, false]);
  expect(runs(withAdded(ended, step('enlarge')))).toEqual([true, true, true, false]);
});

test('a step that moves takes its options along, and what comes after the first change runs again', async () => {
  const { runner } = runnerOf();
  const ended = await runChain({ ...chain, steps: [...chain.steps, step('enlarge')] }, runner);
  const moved = withMoved(ended, 2, 1);
  expect(moved.steps.map(({ family: name, options }) => [name, options])).toEqual([
    ['draw', {}],
    ['enlarge', {}],
    ['paint', { mask_url: mask }],
    ['enlarge', {}],
  ]);
  expect(moved.steps.map(({ task_id }) => task_id !== undefined)).toEqual([true, false, false, false]);
  expect(moved.steps.map(({ family: name }) => name)).toEqual(withMoved(ended, 1, 2).steps.map((one) => one.family));
  expect(withMoved(moved, 1, 2).steps.map(({ family: name }) => name)).toEqual(ended.steps.map((one) => one.family));
  // the picture of before is shown until there is another
  expect(shownTask(moved.steps[2]!)).toBe(ended.steps[1]!.task_id);
});

test('a move that would break the chain is refused with the reason', () => {
  const against = (from: number, to: number, one: Chain = chain) => reasonAgainstMove(one, from, to, catalogue);
  expect([against(1, 2), against(2, 1)]).toEqual([undefined, undefined]);
  expect(against(0, 1)).toBe('draw takes no picture: it can only be the first step.');
  expect(against(1, 0)).toBe('draw takes no picture: it can only be the first step.');
  expect([against(0, -1), against(2, 3)]).toEqual(['It is the first step.', 'It is the last step.']);
  expect(against(1, 2, { ...chain, isRunning: true })).toBe('The chain is running.');
  const film = { ...family('film', ['image_url'], ['image_url']), makes: 'video' as const };
  const order = (...names: string[]) =>
    reasonAgainstOrder(
      names.map((name) => step(name)),
      [...catalogue, film],
    );
  expect(order('draw', 'enlarge', 'film')).toBeUndefined();
  expect(order('draw', 'film', 'enlarge')).toBe('film makes no picture: it can only be the last step.');
  // what the network does not have says so on its card
  expect(order('draw', 'unknown', 'enlarge')).toBeUndefined();
  // a step that begins a chain may take a picture of the visitor's
  expect(order('paint', 'enlarge')).toBeUndefined();
});

test('a prompt counts at the next run: until then what was made stays, and after that it is shown as old', async () => {
  const { runner } = runnerOf();
  const ended = await runChain(chain, runner);
  expect(nextRun(ended, catalogue).label).toBe('Run again');
  const typed = withDraft(ended, 'a cat');
  expect([nextStep(typed), typed.prompt]).toEqual([undefined, 'a fox']);
  expect(withDraft(typed, 'a fox')).toEqual(ended);
  const { label, chain: next } = nextRun(typed, catalogue);
  expect([label, next.prompt, next.draft, nextStep(next)]).toEqual(['Run with this prompt', 'a cat', undefined, 0]);
  expect(next.steps.map(shownTask)).toEqual(ended.steps.map(({ task_id }) => task_id));
  expect(next.steps.map((one, index) => lookOf(one, index === 0, true))).toEqual(['busy', 'old', 'old']);
  // a run that is forgotten twice still shows what there was
  expect(reset(reset(ended, 0), 0).steps.map(shownTask)).toEqual(ended.steps.map(({ task_id }) => task_id));
});

test('the button says what it does, and the list how far a chain is', async () => {
  const { runner } = runnerOf({ paint: { status: 'failed' } });
  const says = (one: Chain) => [nextRun(one, catalogue).label, summaryOfChain(one)];
  expect(says(chain)).toEqual(['Run', '3 steps, not run yet']);
  const failed = await runChain(chain, runner);
  expect(says(failed)).toEqual(['Go on with step 2', '3 steps, stopped at step 2']);
  expect(nextRun(failed, catalogue).chain.steps[1]).toEqual(chain.steps[1]);
  const unpainted = { ...chain, steps: [step('draw'), step('paint')] };
  const waiting = await runChain(unpainted, runner);
  expect(says(waiting)).toEqual(['Go on with step 2', '2 steps, step 2 waits for you']);
  // what was submitted is waited for, not made anew
  const cut = { ...chain, steps: [{ ...step('draw'), task_id: 'known', job_id: 'j' }] };
  expect(nextRun(cut, catalogue).chain.steps[0]).toMatchObject({ task_id: 'known' });
  expect(says({ ...cut, isRunning: true })[1]).toBe('1 step, step 1 runs');
});

test('as a program: steps refer to each other, with the seeds that were used', async () => {
  const { runner } = runnerOf();
  const before = programOf(chain, catalogue);
  expect(before.map(({ options }) => options)).toEqual([
    { prompt: 'a fox' },
    { image_url: { task_id: 'step-1', output: 0 }, prompt: 'a fox', mask_url: mask },
    { image_url: { task_id: 'step-2', output: 0 } },
  ]);
  const [first, , last] = programOf(await runChain(chain, runner), catalogue);
  expect(first?.options).toEqual({ prompt: 'a fox', seed: 7 });
  expect(last?.options).toEqual({ image_url: { task_id: 'step-2', output: 0 } });
});

test('chains are kept, the newest first, and two tabs do not lose each other’s', () => {
  const items = new Map<string, string>();
  const storage: TextStorage = {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
  };
  const [one, other] = [new ChainStore(storage), new ChainStore(storage)];
  one.save(chain);
  other.save({ ...chain, id: 'd' });
  one.reload();
  one.save({ ...chain, name: 'Renamed' });
  expect(new ChainStore(storage).chains.map(({ id, name }) => [id, name])).toEqual([
    ['d', 'Chain'],
    ['c', 'Renamed'],
  ]);
  one.remove('d');
  expect(one.find('d')).toBeUndefined();
  items.set('heurist.chains', '{damaged');
  expect(new ChainStore(storage).chains).toEqual([]);
});
