import { expect, test } from 'vitest';
import { stripItems } from './strip-items.ts';

const entry = (task_id: string, group?: string) => ({
  task_id,
  family: 'f',
  workflow_id: 'w',
  options: {},
  created_at: 0,
  ...(group && { group }),
});

test('tasks of one press are one item', () => {
  const entries = [entry('a'), entry('b', 'one'), entry('c', 'one'), entry('d', 'two'), entry('e')];
  const items = stripItems(entries).map(({ key, entries: all }) => [key, all.map(({ task_id }) => task_id)]);
  expect(items).toEqual([
    ['a', ['a']],
    ['one', ['b', 'c']],
    ['two', ['d']],
    ['e', ['e']],
  ]);
});
