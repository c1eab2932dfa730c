// What miners send must not steer the terminal or choose where files go.
import { TaskFailedError, type TaskOutput } from '@heurist/core';
import { expect, test } from 'vitest';
import { pathOf } from '../src/commands/run.ts';
import { describeNetwork } from '../src/commands/status.ts';
import { explainError } from '../src/network/explain-error.ts';
import { printableJson } from '../src/output/printable-json.ts';
import { createProgressView } from '../src/output/progress-view.ts';

const EVIL = '\u001B]0;title\u0007\u001B[2J\u009B1Aname\u202E\r';

test('progress shows no control characters of a miner', () => {
  let written = '';
  const view = createProgressView({ isTTY: false, write: (part) => (written += part) });
  view.show({ task_id: 't', status: 'running', progress: { percent: 5, node: EVIL } });
  view.show({ task_id: 't', status: 'waiting', warning: EVIL });
  expect(written).toMatch(/5 % {2}name\nqueued\. name\n$/);
});

test('nor does the status of the network', () => {
  const failure = { task_id: 'a', workflow_id: 'w', ended_at: 'now', error: { code: 'x', message: `${EVIL}\n! fake` } };
  const miner = { miner_id: EVIL, is_busy: false, workflow_ids: [], lacks: {} };
  const text = describeNetwork({ miners: [miner], workflows: [], recent_failures: [failure], dead_webhooks: [] });
  expect(text.split('\n')).toContain('1 miner, 0 busy: name');
  expect(text.split('\n')).toContain('! now w: name ! fake');
});

test.each(['http://[', '../../.bashrc', 'a\nb.png', 'x.exe', '%'])(
  'an output named %j is saved under a safe name',
  (filename) => {
    const output = { filename, content_type: 'image/png', url: '', kind: 'image', size: 1, sha256: '' } as TaskOutput;
    expect(pathOf({ name: 'sdxl', out: 'out' }, '12345678-9', 1, output)).toBe('out/sdxl-12345678-2.png');
    expect(pathOf({ name: 'sdxl', out: 'out' }, '../../../etc', 0, output)).toBe('out/sdxl-________.png');
  },
);

test('an output of which nothing is known but its URL is saved, too', () => {
  const output = { url: 'http://x/y' } as TaskOutput;
  expect(pathOf({ name: 'sdxl', out: 'out' }, 'a', 0, output)).toBe('out/sdxl-a.bin');
});

test('JSON has no control characters either, and says the same', () => {
  const value = { [`${EVIL}\u2028`]: ['\u007F\u200B\uFEFFä'] };
  const text = printableJson(value);
  expect(text).not.toMatch(/[^ -~ä]/);
  expect(JSON.parse(text)).toEqual(value);
});

test.each(['toString', 'constructor', '__proto__', 'unauthorized', 'aborted', 'connection_failed'])(
  'the code %s of a failed task hides nothing and explains nothing',
  (code) => {
    const failed = new TaskFailedError({ task_id: 'a', status: 'failed', error: { code, message: 'no memory' } });
    const context = { key: 'KEY', address: { name: 'A', value: 'b' }, output: 'x.png' };
    expect(explainError(failed, context).message).toBe(failed.message);
  },
);
