import { expect, test } from 'vitest';
import { parsePythonJson, parsePythonNumbers } from './python-json.ts';

test.each([
  ['{"a": NaN, "b": [Infinity, -Infinity, 1]}', { a: null, b: [null, null, 1] }],
  ['NaN', null],
  ['{"a": "x: NaN, y", "b": NaN}', { a: 'x: NaN, y', b: null }],
  ['{"a": "[NaN, \\"Infinity\\", -Infinity]\\\\", "b": NaN}', { a: '[NaN, "Infinity", -Infinity]\\', b: null }],
  ['{"NaN": "Infinity"}', { NaN: 'Infinity' }],
])('%s', (text, value) => {
  expect(parsePythonJson(text)).toEqual(value);
});

test('another number may stand for Infinity', () => {
  expect(parsePythonJson('[Infinity, -Infinity, NaN, 2]', 9)).toEqual([9, -9, null, 2]);
});

test('a text of megabytes takes no stack', () => {
  const text = 'a\\n'.repeat(2_000_000);
  expect(parsePythonJson(`["${text}", NaN]`)).toEqual(['a\n'.repeat(2_000_000), null]);
});

test('a text that is cut off is refused at once', () => {
  for (const end of ['', '\\', '\\"'])
    expect(() => parsePythonJson(`[NaN, "${'a'.repeat(1000)}${end}`)).toThrow(SyntaxError);
});

test.each(['{', '{"a": nan}', 'NaNs', '"NaN'])('%s is refused', (text) => {
  expect(() => parsePythonJson(text)).toThrow(SyntaxError);
});

test.each([
  ['{"min": -Infinity, "max": Infinity, "default": NaN}', { min: -Infinity, max: Infinity, default: Number.NaN }],
  ['{"a": ["NaN", NaN, "x: Infinity"], "NaN_": 1}', { a: ['NaN', Number.NaN, 'x: Infinity'], NaN_: 1 }],
  ['{"a": 1}', { a: 1 }],
])('the numbers of %s are kept', (text, value) => {
  expect(parsePythonNumbers(text)).toEqual(value);
});

test.each(['{', '{"a": nan}', '-NaN'])('%s has no such numbers, and is refused', (text) => {
  expect(() => parsePythonNumbers(text)).toThrow(SyntaxError);
});
