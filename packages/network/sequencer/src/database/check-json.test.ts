import { expect, test } from 'vitest';
import { checkJson } from './check-json.ts';

function nested(levels: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { value };
  return value;
}

test.each([null, 'text', 5, true, [], {}, { a: [{ b: '💥' }] }, nested(64)])('%j can be stored', (value) => {
  expect(() => checkJson(value, 64)).not.toThrow();
});

test.each([
  ['\0', 'U+0000'],
  [{ a: ['x\0y'] }, 'U+0000'],
  [{ 'a\0': 1 }, 'U+0000'],
  ['\ud800', 'surrogate pair'],
  [[['\udc00\ud800']], 'surrogate pair'],
  [{ '\ud800': 1 }, 'surrogate pair'],
  [nested(65), 'The request is nested more than 64 levels deep. Flatten it.'],
])('%j cannot', (value, message) => {
  expect(() => checkJson(value, 64)).toThrow(message);
  expect(() => checkJson(value, 64)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});
