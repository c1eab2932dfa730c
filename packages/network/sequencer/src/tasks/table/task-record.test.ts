import { expect, test } from 'vitest';
import { type TaskRecord, toResult } from './task-record.ts';

const waiting: TaskRecord = {
  task_id: 'task',
  number: 1,
  turn: 1,
  consumer_id: 'acme',
  job_id: 'job',
  scope: null,
  fingerprint: '',
  task_type: 'echo',
  workflow_id: 'echo',
  task_details: { parameters: { text: 'hi' } },
  timeout_seconds: null,
  has_webhook: false,
  status: 'waiting',
  attempt: 0,
  miner_id: null,
  traceparent: null,
  claim_id: null,
  progress: null,
  result: null,
  artifact_ids: null,
  truncated: null,
  error: null,
  parameters: null,
  models: null,
  versions: null,
  upload_ms: null,
  model_key: '',
  was_warm: null,
  load_ms: null,
  history: [],
  created_at: new Date(1000),
  claimed_at: null,
  progress_at: null,
  ended_at: null,
};

test('a waiting task', () => {
  expect(toResult(waiting)).toEqual({
    task_id: 'task',
    status: 'waiting',
    workflow_id: 'echo',
    attempt: 0,
    parameters: { text: 'hi' },
    timings: {},
  });
});

test('a running task has progress; one that runs no more has none', () => {
  const progress = { percent: 40 };
  const running = { ...waiting, status: 'running', attempt: 1, progress, claimed_at: new Date(3000) } as const;
  expect(toResult(running)).toMatchObject({ status: 'running', progress, timings: { queued_ms: 2000 } });
  expect(toResult({ ...running, status: 'canceled' })).not.toHaveProperty('progress');
});

test('a finished task: what was used, and how long it took', () => {
  const finished: TaskRecord = {
    ...waiting,
    status: 'finished',
    attempt: 2,
    parameters: { text: 'ho', seed: 1 },
    models: { a: 'b' },
    versions: { comfyui: '1' },
    result: 'key',
    upload_ms: 499.6,
    history: [{ attempt: 1, miner_id: 'rig', code: 'miner_lost', ended_at: '' }],
    claimed_at: new Date(3000),
    ended_at: new Date(10_000),
  };
  expect(toResult(finished)).toEqual({
    task_id: 'task',
    status: 'finished',
    workflow_id: 'echo',
    attempt: 2,
    result: 'key',
    history: finished.history,
    parameters: { text: 'ho', seed: 1 },
    models: { a: 'b' },
    versions: { comfyui: '1' },
    timings: { queued_ms: 2000, run_ms: 6500, upload_ms: 500, total_ms: 9000 },
  });
  expect(toResult({ ...finished, upload_ms: null }).timings).toEqual({ queued_ms: 2000, run_ms: 7000, total_ms: 9000 });
  // an upload that is longer than the run was measured by another clock
  expect(toResult({ ...finished, upload_ms: 8000 }).timings?.run_ms).toBe(0);
  expect(toResult({ ...finished, models: {} })).not.toHaveProperty('models');
});

test('a failed task that no miner has claimed', () => {
  const error = { code: 'task_timeout', message: 'late' };
  const failed = toResult({ ...waiting, status: 'failed', error, ended_at: new Date(4000) });
  expect(failed).toMatchObject({ error, timings: { total_ms: 3000 } });
  expect(failed.timings).not.toHaveProperty('run_ms');
});

test.each([[undefined], [null], ['text']])('parameters that are no object are left out: %j', (parameters) => {
  expect(toResult({ ...waiting, task_details: { parameters } })).not.toHaveProperty('parameters');
});
