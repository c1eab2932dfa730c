import { describe, expect, test } from 'vitest';
import type { ComfyError } from './comfy-error.ts';
import { checkSuccess, collectOutputs } from './outputs.ts';
import type { HistoryEntry } from './schemas.ts';

const file = (filename: string) => ({ filename, subfolder: 's', type: 'output' });
const kindOf = (filename: string, more: object = {}) =>
  collectOutputs({ outputs: { 1: { images: [file(filename)], ...more } } }).map(({ kind }) => kind);

describe('the kind goes by the file name', () => {
  test.each([
    ['a.png', 'image'],
    ['a.JPG', 'image'],
    ['a.jpeg', 'image'],
    ['a.webp', 'image'],
    ['a.tif', 'image'],
    ['a.svg', 'image'],
    ['a.mp4', 'video'],
    ['a.WEBM', 'video'],
    ['a.flac', 'audio'],
    ['a.m4a', 'audio'],
    ['a.glb', 'file'],
    ['a.png.txt', 'file'],
    ['png', 'file'],
  ])('%s: %s', (filename, kind) => {
    expect(kindOf(filename)).toEqual([kind]);
  });

  test('a picture that moves is a video', () => {
    expect(kindOf('a.webp', { animated: [true] })).toEqual(['video']);
    expect(kindOf('a.webp', { animated: [false] })).toEqual(['image']);
    expect(kindOf('a.webp', { animated: true })).toEqual(['image']);
    expect(kindOf('a.flac', { animated: [true] })).toEqual(['audio']);
  });
});

test('everything that names a file counts, whatever it is listed under; and text', () => {
  const outputs = {
    7: { '3d': [file('a.glb')], text: ['hello', 'world'], other: ['ignored'] },
    8: { gifs: [{ filename: 'b.mp4' }], odd: [null, 5, {}, { filename: 9 }], flag: true },
  };
  expect(collectOutputs({ outputs } as unknown as HistoryEntry)).toEqual([
    { node_id: '7', kind: 'file', ...file('a.glb') },
    { node_id: '7', kind: 'text', text: 'hello' },
    { node_id: '7', kind: 'text', text: 'world' },
    { node_id: '8', kind: 'video', filename: 'b.mp4', subfolder: '', type: 'output' },
  ]);
});

describe('what custom nodes list', () => {
  const collect = (byKey: object) => collectOutputs({ outputs: { 1: byKey } } as unknown as HistoryEntry);
  const words = (byKey: object) => collect(byKey).map((output) => (output.kind === 'text' ? output.text : output));

  test.each([
    ['a list', { text: ['one', 'two'] }, ['one', 'two']],
    ['a bare text, which ComfyUI takes apart', { text: [...'a bare 字𝄞'] }, ['a bare 字𝄞']],
    ['a bare text', { text: 'whole' }, ['whole']],
    ['a single letter', { text: ['x'] }, ['x']],
    ['lists in lists', { text: [['nested', ['deep']], 'flat'] }, ['nested', 'deep', 'flat']],
    ['another name', { string: ['caption'] }, ['caption']],
    ['the same twice', { text: ['two', 'two'] }, ['two', 'two']],
    ['numbers beside it', { value: [3, 4.5], text: ['x', 7, null] }, ['x']],
    ['what is no text', { toString: ['a'], context: ['b'], text: { a: 'c' } }, []],
  ])('text: %s', (_what, byKey, expected) => {
    expect(words(byKey)).toEqual(expected);
  });

  test('lists in lists, as deep as they like', () => {
    const text = JSON.parse(`${'['.repeat(5000)}"x"${']'.repeat(5000)}`);
    expect(words({ text })).toEqual(['x']);
  });

  test('files with null in their fields, and files listed twice', () => {
    const nulls = { filename: 'n.png', subfolder: null, type: null };
    const expected = { node_id: '1', kind: 'image', filename: 'n.png', subfolder: '', type: 'output' };
    expect(collect({ images: [null, nulls, nulls] })).toEqual([expected]);
    expect(collect({ images: [nulls], gifs: [{ ...nulls, type: 'temp' }] })).toHaveLength(2);
  });

  test('a node that did not run says what it said before', () => {
    const messages = [['execution_cached', { nodes: ['1'], prompt_id: 'p' }]];
    const status = { status_str: 'success', completed: true, messages };
    const outputs = { 1: { images: [file('old.png')] }, 2: { images: [file('new.png')] } };
    const files = collectOutputs({ outputs, status } as unknown as HistoryEntry);
    expect(files).toMatchObject([{ filename: 'old.png', is_cached: true }, { filename: 'new.png' }]);
    expect(files[1]).not.toHaveProperty('is_cached');
  });

  test('a 3D model that is listed by its path', () => {
    const model = { node_id: '1', kind: 'file', type: 'output' };
    expect(collect({ result: ['3d/a\\b.glb', null, null] })).toEqual([
      { ...model, filename: 'b.glb', subfolder: '3d/a' },
    ]);
    expect(collect({ result: ['r.GLB', { camera: 1 }] })).toEqual([{ ...model, filename: 'r.GLB', subfolder: '' }]);
    expect(collect({ result: ['words', 5], other: ['r.glb'] })).toEqual([]);
  });
});

describe('success', () => {
  const entry = (messages: [string, Record<string, unknown>][], status_str = 'success', outputs = {}) => ({
    outputs,
    status: { status_str, completed: true, messages },
  });
  const failureOf = (value: HistoryEntry) => {
    try {
      checkSuccess('p', value);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const failed = {
    node_id: '3',
    node_type: 'KSampler',
    exception_type: 'ValueError',
    exception_message: ' bad size\n',
  };

  test('is a status of success, or no status from an old server', () => {
    expect(failureOf(entry([['execution_success', {}]]))).toBeUndefined();
    expect(failureOf({ outputs: {} })).toBeUndefined();
  });

  test('an error may hide behind it', () => {
    expect(failureOf(entry([['execution_error', failed]]))).toMatchObject({
      code: 'comfyui_execution_failed',
      message: 'KSampler failed: bad size',
      node_id: '3',
      node_type: 'KSampler',
      exception_type: 'ValueError',
      prompt_id: 'p',
      isRetryable: false,
    });
  });

  test('too little memory may be another time enough', () => {
    const error = { ...failed, exception_type: 'torch.OutOfMemoryError', exception_message: '' };
    expect(failureOf(entry([['execution_error', error]]))).toMatchObject({
      isRetryable: true,
      message: 'KSampler failed: torch.OutOfMemoryError',
    });
  });

  test('an error that says little keeps what it says', () => {
    expect(failureOf(entry([['execution_error', { exception_message: 'x' }]]))).toMatchObject({
      node_id: undefined,
      node_type: undefined,
      exception_type: undefined,
    });
  });

  test('what a node says is printable and bounded, whatever it is', () => {
    const hostile = `\u001b[2J${'x'.repeat(5000)}`;
    const said = { exception_message: hostile, node_id: 7, node_type: hostile, exception_type: hostile };
    const failure = failureOf(entry([['execution_error', said]])) as ComfyError;
    const name = 'x'.repeat(200);
    expect(failure).toMatchObject({ node_id: '7', node_type: name, exception_type: name });
    expect(failure.message).toMatch(/^x{2000}$/);
    const odd = { exception_message: { a: 1 }, node_type: 'A', exception_type: 'E' };
    expect(failureOf(entry([['execution_error', odd]]))).toMatchObject({ message: 'A failed: E' });
    expect(failureOf(entry([['execution_error', {}]]))).toMatchObject({ message: 'A node failed: it gave no reason' });
  });

  test('an interrupt, also one with an error', () => {
    const messages: [string, Record<string, unknown>][] = [
      ['execution_error', failed],
      ['execution_interrupted', { node_id: '3' }],
    ];
    expect(failureOf(entry(messages, 'error'))).toMatchObject({
      code: 'comfyui_interrupted',
      message: 'The prompt was interrupted.',
      prompt_id: 'p',
    });
  });

  test('a node that blocks its followers is no failure if others made something', () => {
    const blocked = { ...failed, exception_type: 'ExecutionBlocked' };
    expect(failureOf(entry([['execution_error', blocked]], 'success', { 1: {} }))).toBeUndefined();
    expect(failureOf(entry([['execution_error', blocked]]))).toMatchObject({ code: 'comfyui_execution_failed' });
    expect(failureOf(entry([['execution_error', failed]], 'success', { 1: {} }))).toBeDefined();
  });

  test('any other status without a reason', () => {
    expect(failureOf(entry([], 'error'))).toMatchObject({
      code: 'comfyui_execution_failed',
      message: 'The prompt ended with status "error" and no reason.',
      prompt_id: 'p',
    });
  });
});
