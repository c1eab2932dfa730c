import { expect, test } from 'vitest';
import { pickPrompt } from './pick-prompt.ts';

test.each([
  ['a tin kettle', 'a tin kettle'],
  ['a {red|blue} kettle', 'a red kettle'],
  ['a {red {tin|iron}|blue {a|b}} kettle', 'a red tin kettle'],
  ['a {|red} kettle', 'a  kettle'],
  ['\\{kept\\|\\}', '{kept|}'],
  ['{a|\\{b}', 'a'],
  ['a } and | stay', 'a } and | stay'],
  ['a /* b */ c // d\ne', 'a  c \ne'],
  ['a /* b', 'a /* b'],
  ['a /*/ b */ c', 'a  c'],
])('%j: %j', (text, picked) => {
  expect(pickPrompt(text)).toBe(picked);
});

test('what is not a text stays', () => {
  expect(pickPrompt(7)).toBe(7);
});

test.each(['/*', '{', '{|', '/', '{|}'])('a million of %j take no time', (text) => {
  const long = text.repeat(1_000_000);
  const began = process.cpuUsage();
  pickPrompt(long);
  expect(process.cpuUsage(began).user / 1000).toBeLessThan(5000);
});
