import { ComfyError } from '@heurist/comfyui';
import { HeuristError } from '@heurist/core';
import { expect, test } from 'vitest';
import { toTaskError } from './task-error.ts';

const host = 'http://10.0.0.5:8188';

test('a failing node is the task at fault: its message and place arrive', () => {
  const details = { code: 'comfyui_execution_failed', node_id: '3', node_type: 'KSampler' } as const;
  expect(toTaskError(new ComfyError('KSampler failed: bad size', details))).toEqual({
    code: 'execution_failed',
    message: 'KSampler failed: bad size',
    is_retryable: false,
    node_id: '3',
    node_type: 'KSampler',
  });
});

test.each([
  new ComfyError(`ComfyUI at ${host} cannot be reached.`, { code: 'comfyui_unreachable', isRetryable: true }),
  new ComfyError(`ComfyUI at ${host} does not move`, { code: 'comfyui_stuck' }),
  new HeuristError(`Could not connect to ${host}`, { code: 'connection_failed', isRetryable: true }),
  new Error(`ENOENT: /home/owner/file, ${host}`),
])('trouble of the miner is retried, and tells nothing about it', (error) => {
  const told = toTaskError(error);
  expect(told.is_retryable).toBe(true);
  expect(told.message).not.toMatch(/10\.0\.0\.5|home/);
});
