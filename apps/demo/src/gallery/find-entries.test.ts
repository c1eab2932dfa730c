import { expect, test } from 'vitest';
import { findEntries } from './find-entries.ts';

const entry = (task_id: string, family: string, prompt?: string) => ({
  task_id,
  family,
  workflow_id: 'tiny',
  options: prompt === undefined ? {} : { prompt },
  created_at: 0,
});
const entries = [entry('a', 'text2image', 'A red Fox'), entry('b', 'inpaint', 'red heart'), entry('c', 'upscaler')];
const find = (words: string) =>
  findEntries(entries, words, (family) => `title of ${family}`).map(({ task_id }) => task_id);

test('every word must be there, in any order and in any case', () => {
  expect(find('fox RED')).toEqual(['a']);
  expect(find('red')).toEqual(['a', 'b']);
  expect(find('  ')).toEqual(['a', 'b', 'c']);
  expect(find('fox heart')).toEqual([]);
});

test('the package and the model are searched, too', () => {
  expect(find('upscaler')).toEqual(['c']);
  expect(find('tiny heart')).toEqual(['b']);
});
