import { expect, test } from 'vitest';
import { printable, printableLine } from './printable.ts';

test.each([
  ['\u001B[31mred\u001B[0m', 'red'],
  ['\u001B[2J\u001B[Hgone', 'gone'],
  ['\u001B]0;title\u0007x', 'x'],
  ['\u001B]52;c;Y2xpcA==\u001B\\x', 'x'],
  ['\u009B31mred', 'red'],
  ['a\u0000b\u0008c\rd\u007Fe\u0085f', 'abcdef'],
  ['evil\u202Egnp.exe\u2066', 'evilgnp.exe'],
  ['a\u2028b\u2029c', 'abc'],
  ['a\u200Bb\uFEFFc\u2060d\u180Ee', 'abcde'],
  ['a\u{E0041}\u{E007F}b', 'ab'],
  ['👩\u200D🚀 می\u200Cخواهم', '👩\u200D🚀 می\u200Cخواهم'],
  ['Zeile 1\n\tZeile 2: ü 猫 👍', 'Zeile 1\n\tZeile 2: ü 猫 👍'],
])('%j becomes %j', (text, expected) => {
  expect(printable(text)).toBe(expected);
});

test('on one line', () => {
  expect(printableLine('a\n\tb\u001B[1A')).toBe('a b');
});

test('no longer than asked for, and no character is cut in half', () => {
  expect([printable('abc\u0007def', 4), printableLine('a\n\nbc', 3)]).toEqual(['abcd', 'a b']);
  expect([printable('ab😀', 3), printable('a\ud83db'), printableLine('ab😀', 3), printable('😀')]).toEqual([
    'ab',
    'ab',
    'ab',
    '😀',
  ]);
});
