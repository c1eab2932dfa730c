import { describe, expect, test } from 'vitest';
import { checkResult, type TestResult } from './check-result.ts';
import type { Measured } from './measure-output.ts';
import type { Pixels } from './pixels.ts';
import type { Expectation } from './test-file-schema.ts';

const pixels = (value: number, width = 4, height = 2): Pixels => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 4 }, (_, index) => (index % 4 === 3 ? 255 : value)),
});
const bytes = new Uint8Array();
const png: Measured = { bytes, type: 'image/png', width: 4, height: 2, pixels: pixels(100) };
const mp4: Measured = { bytes, type: 'video/mp4', width: 64, height: 32, seconds: 2.04 };
const txt: Measured = { bytes, type: 'text/plain' };

function misses(expected: Expectation, result: Partial<TestResult>): string[] {
  const all = checkResult(expected, { outputs: [png], text: '', runSeconds: 3.25, ...result });
  return all.map(({ what, expected, got }) => `${what}: ${expected}; ${got}`);
}

describe('what is as expected is no miss', () => {
  test.each<[Expectation, Partial<TestResult>]>([
    [{ count: 1 }, {}],
    [{ count: { min: 1, max: 2 } }, { outputs: [png, png] }],
    [{ kind: 'png' }, {}],
    [{ kind: 'image' }, {}],
    [{ kind: ['png', 'video', 'text'] }, { outputs: [png, mp4, txt] }],
    [{ width: 4, height: { max: 2 } }, {}],
    [{ not_blank: true }, { outputs: [png, txt] }],
    [{ media_seconds: { min: 2, max: 2.1 } }, { outputs: [mp4] }],
    [{ run_seconds: { max: 3.25 } }, {}],
    [{ text_contains: ['a fox', 'red'] }, { text: 'a fox that is red' }],
    [{ like: { file: 'x.png', tolerance: 3 } }, { stored: pixels(103) }],
  ])('%j', (expected, result) => {
    expect(misses(expected, result)).toEqual([]);
  });
});

describe('a miss says what was expected and what came', () => {
  test.each<[Expectation, Partial<TestResult>, string[]]>([
    [{ count: 2 }, {}, ['count: 2; 1']],
    [{ count: { min: 2 } }, {}, ['count: at least 2; 1']],
    [{ kind: 'jpeg' }, {}, ['kind: jpeg; png']],
    [{ kind: 'png' }, { outputs: [] }, ['kind: png; no output']],
    [{ kind: ['png'] }, { outputs: [png, png] }, ['kind: png; png, png']],
    [{ kind: ['png', 'mp4'] }, { outputs: [mp4, png] }, ['kind: png, mp4; mp4, png']],
    [{ width: 5 }, { outputs: [png, mp4] }, ['width of output 1: 5; 4', 'width of output 2: 5; 64']],
    [{ height: { min: 3, max: 9 } }, {}, ['height: from 3 to 9; 2']],
    [{ width: 5 }, { outputs: [txt] }, ['width: an output that is image or video; txt']],
    [
      { not_blank: true },
      { outputs: [{ ...png, blank: 'black' }] },
      ['not_blank: a picture that shows something; black'],
    ],
    [{ not_blank: true }, { outputs: [mp4] }, ['not_blank: an output that is image; mp4']],
    [{ media_seconds: { max: 2 } }, { outputs: [mp4] }, ['media_seconds: at most 2; 2.04']],
    [{ run_seconds: { max: 3 } }, {}, ['run_seconds: at most 3; 3.25']],
    [{ text_contains: ['fox', 'hen'] }, { text: 'a fox' }, ['text_contains: "hen"; "a fox"']],
    [{ text_contains: 'hen' }, {}, ['text_contains: "hen"; no text']],
    [
      { like: { file: 'x.png', tolerance: 2.9 } },
      { stored: pixels(103) },
      ['like: a mean difference to x.png of at most 2.9; 3'],
    ],
    [{ like: { file: 'x.png', tolerance: 9 } }, { stored: pixels(100, 2, 4) }, ['like: 2x4, the size of x.png; 4x2']],
    [
      { like: { file: 'x.png', tolerance: 9 } },
      {},
      ['like: a picture like x.png; no such file: store this one with --update'],
    ],
    [{ like: { file: 'x.png', tolerance: 9 } }, { outputs: [txt] }, ['like: a picture like x.png; txt']],
    [
      { width: 4, not_blank: true },
      { outputs: [{ bytes, type: 'image/png', damage: 'bad CRC' }] },
      ['width: a file that can be read; bad CRC', 'not_blank: a file that can be read; bad CRC'],
    ],
  ])('%j', (expected, result, lines) => {
    expect(misses(expected, result)).toEqual(lines);
  });
});
