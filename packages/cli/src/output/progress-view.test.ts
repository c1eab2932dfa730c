import type { TaskOutput, WorkflowTaskResult } from '@heurist/core';
import { expect, test } from 'vitest';
import { createProgressView } from './progress-view.ts';

const states: WorkflowTaskResult[] = [
  { task_id: 't', status: 'waiting' },
  { task_id: 't', status: 'waiting', queue_position: 2 },
  { task_id: 't', status: 'waiting', queue_position: 0 },
  { task_id: 't', status: 'waiting', queue_position: 0, warning: 'No miner runs it.' },
  { task_id: 't', status: 'running', progress: { percent: 0 } },
  { task_id: 't', status: 'running', progress: { percent: 50, node: 'KSampler' } },
  { task_id: 't', status: 'running', progress: { percent: 51, node: 'KSampler' } },
  { task_id: 't', status: 'finished' },
];

function render(isTTY: boolean) {
  let text = '';
  const view = createProgressView({ isTTY, write: (part) => (text += part) });
  for (const state of states) view.show(state);
  view.end();
  return text;
}

test('without a terminal: one line per step', () => {
  expect(render(false).trimEnd().split('\n')).toEqual([
    'queued',
    'queued, 2 ahead of it',
    'queued, next in line',
    'queued, next in line. No miner runs it.',
    'running ░░░░░░░░░░░░░░░░░░░░░░░░   0 %',
    'running ████████████░░░░░░░░░░░░  50 %  KSampler',
    'finished',
  ]);
});

test('on a terminal: one line that changes, and is left clean', () => {
  const text = render(true);
  expect(text).not.toContain('\n');
  expect(text).toContain(' 51 %');
  expect(text.endsWith('\r\u001B[K')).toBe(true);
});

test.each([false, true])('a warning about a task that runs is a line that stays, once (terminal: %s)', (isTTY) => {
  let text = '';
  const view = createProgressView({ isTTY, write: (part) => (text += part) });
  const warning = 'It may not draw\nthis.';
  for (const status of ['running', 'running', 'finished'] as const) view.show({ task_id: 't', status, warning });
  view.end();
  expect(text.match(/warning: It may not draw.?this\.\n/g)).toHaveLength(1);
});

test('outputs that were left out are told', () => {
  let text = '';
  const view = createProgressView({ write: (part) => (text += part) });
  const outputs = Array(3) as TaskOutput[];
  view.show({ task_id: 't', status: 'finished', outputs, truncated: true });
  expect(text).toContain('warning: The workflow made more outputs than a task can have: these are the first 3.');
});
