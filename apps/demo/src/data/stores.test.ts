import { expect, test } from 'vitest';
import { DraftStore } from './drafts.ts';
import type { TextStorage } from './store.ts';
import { TASKS_KEY, TaskList } from './task-list.ts';

/** What a browser's storage does, with room for so many characters. */
class SmallStorage implements TextStorage {
  readonly items = new Map<string, string>();
  readonly #room: number;

  constructor(room = Number.POSITIVE_INFINITY) {
    this.#room = room;
  }

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (value.length > this.#room) throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    this.items.set(key, value);
  }
}

const entry = (task_id: string) => ({ task_id, family: 'f', workflow_id: 'w', options: {}, created_at: 0 });
const ids = (list: TaskList) => list.entries.map(({ task_id }) => task_id);
const listOf = (storage: TextStorage, ...added: string[]) => {
  const list = new TaskList(storage, 3);
  for (const task_id of added) list.add(entry(task_id));
  return list;
};

test('the list keeps the newest, and a reload finds them', () => {
  const storage = new SmallStorage();
  expect(ids(listOf(storage, 'a', 'b', 'c', 'd'))).toEqual(['d', 'c', 'b']);
  expect(ids(new TaskList(storage, 3))).toEqual(['d', 'c', 'b']);
});

test('5000 tasks are kept', () => {
  const storage = new SmallStorage();
  storage.items.set(TASKS_KEY, JSON.stringify(Array.from({ length: 5000 }, (_, index) => entry(`task-${index}`))));
  const list = new TaskList(storage);
  list.add(entry('newest'));
  expect(list.entries).toHaveLength(5000);
  expect(list.entries[0]?.task_id).toBe('newest');
});

test('two tabs do not lose each other’s tasks', () => {
  const storage = new SmallStorage();
  const [one, other] = [new TaskList(storage), new TaskList(storage)];
  one.add(entry('a'));
  other.add(entry('b'));
  expect(ids(other)).toEqual(['b', 'a']);
  one.reload();
  expect(ids(one)).toEqual(['b', 'a']);
});

test('how a task ended is remembered, once; it is found and removed', () => {
  const list = listOf(new SmallStorage(), 'a', 'b');
  list.settle('a', { status: 'finished', kind: 'image' });
  list.settle('a', { status: 'gone' });
  list.settle('unknown', { status: 'failed' });
  expect(list.find('a')).toEqual({ ...entry('a'), end: { status: 'finished', kind: 'image' } });
  list.remove('a');
  expect(ids(list)).toEqual(['b']);
  expect(list.find('a')).toBeUndefined();
});

test('every change is announced, until nobody listens', () => {
  const list = new TaskList(new SmallStorage());
  let changes = 0;
  const stop = list.listeners.subscribe(() => changes++);
  list.add(entry('a'));
  list.remove('a');
  stop();
  list.add(entry('b'));
  expect(changes).toBe(2);
});

test('when the storage is full, tasks are kept until a reload', () => {
  const storage = new SmallStorage(150);
  const list = listOf(storage, 'a', 'b', 'c');
  expect(ids(list)).toEqual(['c', 'b', 'a']);
  expect(ids(new TaskList(storage, 3))).toEqual(['a']);
});

test.each(['', '{', '{"a":1}', 'null'])('a damaged list is an empty list: %s', (text) => {
  const storage = new SmallStorage();
  storage.items.set(TASKS_KEY, text);
  expect(new TaskList(storage).entries).toEqual([]);
});

test('a form is found again after a reload', () => {
  const storage = new SmallStorage();
  const draft = { workflow_id: 'w', options: { prompt: 'fox', steps: 0 } };
  new DraftStore(storage).save('text2image', draft);
  expect(new DraftStore(storage).read('text2image')).toEqual(draft);
  expect(new DraftStore(storage).read('upscaler')).toEqual({ options: {} });
});

test('a form that is too large to store is kept until a reload', () => {
  const storage = new SmallStorage(1000);
  const drafts = new DraftStore(storage);
  const options = { prompt: 'x'.repeat(2000) };
  drafts.save('text2image', { options });
  expect(drafts.read('text2image')).toEqual({ options });
  expect(new DraftStore(storage).read('text2image')).toEqual({ options: {} });
});

test.each(['', '{', '3', '{"workflow_id":"w"}', 'null'])('a damaged form is an empty form: %s', (text) => {
  const storage = new SmallStorage();
  storage.items.set('heurist.draft.text2image', text);
  expect(new DraftStore(storage).read('text2image')).toEqual({ options: {} });
});
