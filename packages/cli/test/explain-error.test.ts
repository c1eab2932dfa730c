import { HeuristError, TaskAbortedError, TaskFailedError, TaskTimeoutError } from '@heurist/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Context, explainError } from '../src/network/explain-error.ts';
import { CommandError } from '../src/output/command-error.ts';

const address = { name: '--sequencer', value: 'http://127.0.0.1:9' };
const refused = Object.assign(new Error('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
const failure = (code: string, more = {}) =>
  new HeuristError('Pass { apiKey }, { timeout } or workflowURL.', { code, ...more });

describe('an error of the SDK, in the words of the command', () => {
  test.each<[HeuristError, Context, string]>([
    [failure('unauthorized'), { key: 'HEURIST_MINER_KEY' }, 'Check HEURIST_MINER_KEY'],
    [
      failure('connection_failed', { cause: refused }),
      { address },
      'http://127.0.0.1:9 cannot be reached (ECONNREFUSED). Is it running, and is --sequencer correct?',
    ],
    [
      failure('connection_failed', { status: 404 }),
      { output: 'out/x.png' },
      'out/x.png could not be downloaded (status 404)',
    ],
    [failure('request_timeout'), { address }, 'http://127.0.0.1:9 did not answer in time'],
    [
      new TaskTimeoutError(5000, 'abc'),
      { timeout: 5 },
      'Task abc did not finish within 5 s and was canceled. Allow more time with --timeout.',
    ],
    [
      new TaskTimeoutError(5000, 'abc', undefined, 'No miner runs sdxl.'),
      { timeout: 5 },
      'Task abc did not finish within 5 s and was canceled. No miner runs sdxl.',
    ],
    [
      new TaskTimeoutError(5000, 'abc'),
      { timeout: 5, isCancelUnconfirmed: true },
      'within 5 s; the network did not confirm that it canceled it.',
    ],
    [new TaskAbortedError('stopped', 'abc'), {}, 'Canceled. Task abc was canceled on the network.'],
    [new TaskAbortedError('stopped', 'abc'), { isCancelUnconfirmed: true }, 'task abc may go on.'],
    [
      new TaskAbortedError('stopped'),
      {},
      'Canceled while the task was being submitted: if it reached the network, it goes on',
    ],
    [
      new TaskAbortedError('stopped', undefined, 'j1'),
      { isCancelUnconfirmed: false },
      'Canceled before a task was submitted.',
    ],
    [
      new TaskAbortedError(new CommandError('Canceled. a.png was not saved.'), undefined, undefined, 'the download'),
      {},
      'Canceled. a.png was not saved.',
    ],
    [
      new TaskTimeoutError(5000, undefined, failure('connection_failed', { cause: refused })),
      { address, timeout: 5 },
      'http://127.0.0.1:9 cannot be reached (ECONNREFUSED). Is it running, and is --sequencer correct?',
    ],
    [
      new HeuristError('acme keeps 9 bytes of files here.', { code: 'storage_quota_exceeded' }),
      {},
      'acme keeps 9 bytes of files here. An operator gives more with `heurist keys change KEY_ID --limit stored_bytes=BYTES`.',
    ],
    [failure('input_unreachable'), { inputs: ['--image http://x/y'] }, 'cannot fetch --image http://x/y'],
  ])('%s', (error, context, text) => {
    const explained = explainError(error, context);
    expect(explained.message).toContain(text);
    expect(explained.message).not.toMatch(/apiKey|workflowURL|\{ timeout/);
    expect(explained).toMatchObject({ code: error.code, cause: error });
  });
});

describe('a proxy of the environment', () => {
  beforeEach(() => {
    for (const name of ['HTTP_PROXY', 'http_proxy']) vi.stubEnv(name, 'http://me:hush@proxy.example.com:3128');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const adviceAt = (value: string, code: string) =>
    explainError(failure(code), { address: { name: '--sequencer', value } }).message.split(/(?=HTTP_PROXY)/)[1];

  test.each(['connection_failed', 'request_timeout'])('may be what is wrong: %s', (code) => {
    expect(adviceAt('http://tasks.internal:8787', code)).toBe(
      'HTTP_PROXY is set: requests go through that proxy, unless NO_PROXY names tasks.internal.',
    );
  });

  test.each(['http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1', 'https://tasks.internal'])(
    'is not named where it is not used: %s',
    (value) => {
      for (const name of ['HTTPS_PROXY', 'https_proxy']) vi.stubEnv(name, '');
      expect(adviceAt(value, 'request_timeout')).toBeUndefined();
    },
  );
});

test('an error without an explanation, or with one already, passes', () => {
  for (const error of [failure('forbidden'), failure('connection_failed'), new CommandError('x'), new Error('x')])
    expect(explainError(error, {})).toBe(error);
});

test('what a miner says of a task stays on one line', () => {
  const error = {
    code: 'execution_failed',
    message: 'no memory\nerror: your key was stolen\u2028x',
    is_retryable: false,
  };
  const failed = new TaskFailedError({ task_id: 'abc', status: 'failed', error });
  const { message } = explainError(failed, {});
  expect(message).toContain('no memory');
  expect(message).not.toMatch(/[\n\u2028]/);
});
