import { ComfyError } from '@heurist/comfyui';
import { HeuristError } from '@heurist/core';
import { minerSubmitSchema } from '@heurist/core/protocol';
import { describe, expect, test } from 'vitest';
import { DeliveryError } from '../output/deliver.ts';
import { faultOf, toTaskError } from './task-error.ts';

const host = 'http://10.0.0.5:8188';

function failedNode(exception_type: string, message: string) {
  const details = { node_id: '3', node_type: 'KSampler', exception_type } as const;
  return new ComfyError(`KSampler failed: ${message}`, { code: 'comfyui_execution_failed', ...details });
}

test('a failing node is the task at fault: its message and place arrive', () => {
  expect(toTaskError(failedNode('ValueError', 'bad size'))).toEqual({
    code: 'execution_failed',
    message: 'KSampler failed: bad size',
    is_retryable: false,
    node_id: '3',
    node_type: 'KSampler',
  });
});

const ofTheMiner: [fault: string, Error][] = [
  ['comfyui', new ComfyError(`ComfyUI at ${host} cannot be reached.`, { code: 'comfyui_unreachable' })],
  ['comfyui', new ComfyError(`ComfyUI at ${host} answered 500.`, { code: 'comfyui_unreachable', status: 500 })],
  ['broken', new ComfyError(`ComfyUI at ${host} does not move`, { code: 'comfyui_stuck' })],
  ['comfyui', new HeuristError(`Could not connect to ${host}`, { code: 'connection_failed', isRetryable: true })],
  ['comfyui', new Error(`ENOENT: /home/owner/file, ${host}`)],
  ['comfyui', failedNode('OSError', `[Errno 28] No space left on device: '/home/owner/x.png' at 10.0.0.5`)],
  ['comfyui', failedNode('OSError', "[Errno 30] Read-only file system: '/home/owner'")],
  ['broken', failedNode('torch.AcceleratorError', 'CUDA error: an illegal memory access was encountered, /home/x')],
  ['broken', failedNode('RuntimeError', 'cuDNN error: CUDNN_STATUS_INTERNAL_ERROR /home')],
  ['memory', failedNode('torch.OutOfMemoryError', 'Allocation on device 0 of 10.0.0.5 would exceed allowed memory.')],
  ['memory', failedNode('RuntimeError', "DefaultCPUAllocator: can't allocate memory, /home")],
];

describe('trouble of the miner is retried, and tells nothing about it', () => {
  test.each(ofTheMiner)('%s: %s', (fault, error) => {
    expect(faultOf(error)).toBe(fault);
    const told = toTaskError(error);
    expect(told.is_retryable).toBe(true);
    expect(told.message).not.toMatch(/10\.0\.0\.5|home/);
  });
});

test('trouble of the miner has one sentence each', () => {
  expect(toTaskError(new Error('ENOENT'))).toEqual({
    code: 'miner_failed',
    message: 'The miner failed. Submit the task again.',
    is_retryable: true,
  });
  expect(toTaskError(new ComfyError('x', { code: 'comfyui_stuck' }))).toEqual({
    code: 'comfyui_failed',
    message: "The miner's ComfyUI failed (comfyui_stuck). Submit the task again.",
    is_retryable: true,
  });
});

test('a graph that is refused, and an input that is wrong, keep their words', () => {
  expect(toTaskError(new ComfyError('bad graph', { code: 'comfyui_invalid_graph' }))).toMatchObject({
    code: 'graph_refused',
    message: 'bad graph',
    is_retryable: false,
  });
  const error = new HeuristError('too large', { code: 'input_too_large' });
  expect([faultOf(error), toTaskError(error)]).toEqual([
    'task',
    { code: 'input_too_large', message: 'too large', is_retryable: false },
  ]);
});

test('too little memory says what to ask for', () => {
  const error = failedNode('torch.OutOfMemoryError', 'Allocation on device would exceed allowed memory.');
  expect(toTaskError(error)).toMatchObject({ code: 'out_of_memory', message: expect.stringMatching(/smaller size/) });
});

test('a network that does not take the result is at fault itself, and the task is worth another try', () => {
  const error = new DeliveryError(15, new HeuristError('https://inside:9000 is full', { code: 'internal' }));
  expect(faultOf(error)).toBe('network');
  expect(toTaskError(error)).toEqual({
    code: 'delivery_failed',
    message: 'The network could not store the result. Submit the task again.',
    is_retryable: true,
  });
});

describe('what a ComfyUI or a graph says leaves the miner printable and bounded', () => {
  const hostile = `\u001b]0;owned\u0007\u202e${'x'.repeat(10_000)}`;

  test.each([
    [
      'a node that fails',
      new ComfyError(hostile, { code: 'comfyui_execution_failed', node_id: hostile, node_type: hostile }),
    ],
    [
      'out of memory',
      new ComfyError('x', { code: 'comfyui_execution_failed', exception_type: 'OutOfMemoryError', node_type: hostile }),
    ],
    ['a graph that is refused', new HeuristError(hostile, { code: 'graph_refused' })],
    ['a code of anybody', new HeuristError('x', { code: hostile })],
  ])('%s', (_, error) => {
    const info = toTaskError(error);
    expect(info.message.length).toBeLessThanOrEqual(2000);
    expect(info.truncated).toBe(info.message.length === 2000 ? true : undefined);
    for (const name of [info.node_id ?? '', info.node_type ?? '', info.code])
      expect(name.length).toBeLessThanOrEqual(200);
    expect(JSON.stringify(info)).not.toMatch(/owned|\\u001b|\u202e/);
    // the sequencer takes it
    const report = { success: false, lease_id: 'l', error: info, msg: info.message };
    expect(minerSubmitSchema.safeParse(report).success).toBe(true);
  });
});
