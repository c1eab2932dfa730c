import { ComfyError } from '@heurist/comfyui';
import { HeuristError } from '@heurist/core';
import { expect, test } from 'vitest';
import { reasonOf } from './log-reason.ts';

const failed = (exception_type: string, message: string) =>
  new ComfyError(`KSampler failed: ${message}`, {
    code: 'comfyui_execution_failed',
    node_type: 'KSampler',
    exception_type,
  });

test.each([
  ['a node that quotes the prompt', failed('ValueError', 'cannot draw "a red cat"'), 'KSampler failed with ValueError'],
  [
    'a GPU that fails',
    failed('RuntimeError', 'CUDA error: illegal memory access (a red cat)'),
    'KSampler failed with RuntimeError: CUDA error',
  ],
  [
    'a refused graph',
    new ComfyError('Value not in list: a red cat', { code: 'comfyui_invalid_graph' }),
    'comfyui_invalid_graph',
  ],
  [
    'an option',
    new HeuristError('`width` must be a number (got "a red cat")', { code: 'invalid_parameters' }),
    'invalid_parameters',
  ],
  [
    'an input',
    new HeuristError('https://example.com/a-red-cat.png answered 404', { code: 'input_unreachable' }),
    'input_unreachable',
  ],
  [
    'JSON',
    new SyntaxError(`Unexpected token 'a', "a red cat" is not valid JSON`),
    'Unexpected token "…", "…" is not valid JSON',
  ],
  ['JSON that is cut off', new SyntaxError('Unexpected end, "a red cat'), 'Unexpected end, "…"'],
  [
    'what is of this machine',
    new ComfyError("The miner's ComfyUI at http://127.0.0.1:8188 does not answer.", { code: 'comfyui_unreachable' }),
    "The miner's ComfyUI at http://127.0.0.1:8188 does not answer.",
  ],
])('%s', (_, error, reason) => {
  expect(reasonOf(error)).toBe(reason);
});
