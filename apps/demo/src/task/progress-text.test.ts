import { expect, test } from 'vitest';
import type { TaskState } from '../../shared/api.ts';
import { progressText } from './progress-text.ts';

test.each<[Partial<TaskState>, string]>([
  [{ status: 'waiting' }, 'Next in line · 1 min 5 s elapsed'],
  [{ status: 'waiting', queue_position: 1 }, '1 task ahead · 1 min 5 s elapsed'],
  [{ status: 'waiting', queue_position: 3, eta_seconds: 8 }, '3 tasks ahead · 1 min 5 s elapsed, about 8 s left'],
  [{ status: 'running' }, '0% · 1 min 5 s elapsed'],
  [{ status: 'running', progress: { percent: 41.6, node: 'KSampler' } }, '42% · KSampler · 1 min 5 s elapsed'],
])('%j', (state, text) => {
  expect(progressText({ task_id: 'a', status: 'waiting', ...state }, 65_000)).toBe(text);
});
