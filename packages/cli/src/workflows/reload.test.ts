import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { FakeClock } from '@heurist/server-kit/fake-clock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SETTLE_MS, watchWorkflows } from './reload.ts';

const folder = mkdtempSync(join(tmpdir(), 'reload-'));
const at = (name: string) => join(folder, name);
const write = (name: string, text: string) => writeFileSync(at(name), text);
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let clock: FakeClock;
let loads: number;
let events: string[];
let wake: () => void;
let close: () => void = () => {};
afterEach(() => close());

/** The text of `main`, in which `+name` stands for another file. As with imports, a file that is not there is not named. */
async function load(files: Set<string>): Promise<WorkflowDefinition[]> {
  loads++;
  const read = (name: string): string => {
    const text = readFileSync(at(name), 'utf8');
    files.add(at(name));
    return text.replaceAll(/\+([\w/.]+)/g, (_, other) => read(other));
  };
  return [{ workflow_id: read('main') } as WorkflowDefinition];
}

beforeEach(async () => {
  mkdirSync(join(folder, 'sub'), { recursive: true });
  clock = new FakeClock();
  [loads, events] = [0, []];
  write('main', 'one +sub/part');
  write('sub/part', 'part');
  const say = (text: string) => {
    events.push(text);
    wake();
  };
  const edited = await watchWorkflows(
    load,
    {
      async onReload([workflow]) {
        say(workflow!.workflow_id);
      },
      onError: ({ message }) => say(`error: ${message.split(',')[0]}`),
    },
    clock,
  );
  expect(edited.workflows.map(({ workflow_id }) => workflow_id)).toEqual(['one part']);
  close = edited.close;
});

/** What is said after an edit. The system tells of it when it likes; time passes as soon as it has. */
async function after(edit: () => void): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>();
  wake = resolve;
  const before = clock.sleeps.length;
  edit();
  while (clock.sleeps.length === before) await new Promise((next) => setImmediate(next));
  const ticking = setInterval(() => void clock.advance(SETTLE_MS), 5);
  await promise;
  clearInterval(ticking);
  return events.at(-1)!;
}

test('a file that is written, replaced, or read by way of another', async () => {
  expect(await after(() => write('main', 'two +sub/part'))).toBe('two part');
  const replace = () => {
    write('main.tmp', 'three +sub/part');
    renameSync(at('main.tmp'), at('main'));
  };
  expect(await after(replace)).toBe('three part');
  expect(await after(() => write('sub/part', 'other'))).toBe('three other');
});

test('what cannot be loaded is said, and mended by any file, also by one that was missing', async () => {
  expect(await after(() => write('main', '+sub/absent'))).toBe('error: ENOENT: no such file or directory');
  expect(await after(() => write('sub/absent', 'found'))).toBe('found');
});

test('the folder of a file that is read since an edit is watched too', async () => {
  mkdirSync(at('new'));
  write('new/part', 'new');
  expect(await after(() => write('main', '+new/part'))).toBe('new');
  expect(await after(() => write('new/part', 'newer'))).toBe('newer');
});

test('a folder that goes and comes again, as when a branch is checked out', async () => {
  const gone = () => rmSync(at('sub'), { recursive: true });
  expect(await after(gone)).toBe('error: ENOENT: no such file or directory');
  const back = () => {
    mkdirSync(at('sub'));
    write('sub/part', 'back');
  };
  expect(await after(back)).toBe('one back');
  expect(await after(() => write('sub/part', 'edited'))).toBe('one edited');
});

test('files that are written together are read once', async () => {
  await after(() => {
    write('main', 'x +sub/part');
    write('sub/part', 'y');
  });
  expect([events, loads]).toEqual([['x y'], 2]);
});

test('the same content, and a file that nothing reads, are no edit', async () => {
  const before = clock.sleeps.length;
  write('main', 'one +sub/part');
  write('notes', 'z');
  while (clock.sleeps.length === before) await new Promise((next) => setImmediate(next));
  await clock.advance(SETTLE_MS);
  await clock.advance(SETTLE_MS);
  expect([events, loads]).toEqual([[], 1]);
});
