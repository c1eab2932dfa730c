import { FILE_ID } from './openapi-resources.ts';

/** A call as it is made, and its reply. */
export interface Example {
  request: object;
  reply: object;
}

const TASK_ID = '0197a1c2-5b5e-7c3a-9d57-2f6f0d1c8e11';
const KEY_ID = 'c-4f2b9a';
const LEASE_ID = 'eyJ0YXNrX2lkIjoiMDE5N2ExYzIifQ.c2lnbmF0dXJl';
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const FILE = `https://network.example/artifacts/${FILE_ID}?expires=1798761600&signature=3q2-7w`;

const output = {
  url: FILE,
  kind: 'image',
  content_type: 'image/png',
  bytes: 1_048_576,
  sha256: SHA256,
  filename: 'ComfyUI_00001_.png',
  node_id: '9',
  width: 2048,
  height: 2048,
};
const { url, ...declared } = output;
const finished = {
  task_id: TASK_ID,
  status: 'finished',
  workflow_id: 'upscaler',
  result: FILE,
  outputs: [output],
  timings: { queued_ms: 12, run_ms: 3200, load_ms: 0, upload_ms: 80, total_ms: 3292 },
  attempt: 1,
};
const running = { task_id: TASK_ID, status: 'running', workflow_id: 'upscaler', progress: { percent: 40 }, attempt: 1 };

const submission = {
  task_type: 'upscaler',
  job_id: 'order-1234',
  task_details: { parameters: { image: 'https://app.example/photo.jpg' } },
};

/** By call. A test compares each with its schemas. */
export const examples: Record<string, Example> = {
  task_create: { request: submission, reply: { task_id: TASK_ID, eta_seconds: 4 } },
  task_result_query: { request: { task_id: TASK_ID }, reply: finished },
  task_cancel: { request: { task_id: TASK_ID }, reply: { task_id: TASK_ID, msg: 'canceled' } },
  task_events: { request: { task_id: TASK_ID }, reply: running },
  tasks_create: {
    request: { tasks: [submission, { ...submission, job_id: 'order-1235' }] },
    reply: {
      results: [
        { job_id: 'order-1234', task_id: TASK_ID, eta_seconds: 4 },
        {
          job_id: 'order-1235',
          error: {
            code: 'rate_limited',
            message: 'The limit of acme allows 600 tasks per minute. Try again in 12 seconds.',
            status: 429,
            retry_after: 12,
          },
        },
      ],
    },
  },
  tasks_query: {
    request: { task_ids: [TASK_ID, 'unknown'] },
    reply: { results: [running, { task_id: 'unknown', code: 'not_found', message: 'There is no such task.' }] },
  },
  tasks_events: { request: { tasks: [{ task_id: TASK_ID, ends_only: true }] }, reply: running },
  file_create: {
    request: { content_type: 'image/jpeg', bytes: 245_760, sha256: SHA256 },
    reply: { upload_url: FILE, url: FILE },
  },
  session_create: {
    request: { workflow_ids: ['upscaler'], max_tasks: 5, expires_in: 900, user_id: 'visitor-77' },
    reply: { session_token: 'hs_…', session_id: 's-81c2', expires_at: '2027-01-01T00:15:00.000Z' },
  },
  session_revoke: { request: { user_id: 'visitor-77' }, reply: { session_ids: ['s-81c2'] } },
  network_status: {
    request: {},
    reply: {
      miners: [
        { miner_id: 'rig-1', is_busy: true, workflow_ids: ['upscaler'], lacks: {}, models: ['RealESRGAN_x4plus.pth'] },
      ],
      workflows: [
        {
          workflow_id: 'upscaler',
          task_type: 'upscaler',
          title: 'Upscaler',
          miners: 1,
          waiting: 3,
          running: 1,
          finished: 120,
          failed: 0,
          run_ms: 3200,
          models: { warm: 118, cold: 2, switches: 2, load_ms: 900 },
        },
      ],
      recent_failures: [],
      dead_webhooks: [],
    },
  },
  webhook_secret: { request: {}, reply: { secret: 'whsec_…' } },
  resource_request: {
    request: { workflow_id: 'upscaler', task_type: 'upscaler' },
    reply: { miner_id: 'any', msg: 'ok' },
  },
  miner_request: {
    request: {
      workflow_ids: ['upscaler'],
      wait_seconds: 20,
      claim_id: 'claim-1',
      slots: 1,
      machine_id: 'rig-1-gpu-0',
      warm: [{ key: 'RealESRGAN_x4plus.pth', load_ms: 900 }],
    },
    reply: {
      task_id: TASK_ID,
      lease_id: LEASE_ID,
      heartbeat_seconds: 2,
      workflow_id: 'upscaler',
      task_type: 'upscaler',
      model_key: 'RealESRGAN_x4plus.pth',
      task_details: { parameters: { image: 'https://app.example/photo.jpg' } },
    },
  },
  miner_heartbeat: {
    request: { lease_id: LEASE_ID, progress: { percent: 40, node: 'ImageUpscaleWithModel' } },
    reply: { cancel: false, heartbeat_seconds: 2 },
  },
  miner_heartbeats: {
    request: {
      heartbeats: [
        { lease_id: LEASE_ID, progress: { percent: 40, node: 'ImageUpscaleWithModel' } },
        { lease_id: 'another' },
      ],
      wait_seconds: 30,
    },
    reply: {
      results: [
        { cancel: false, heartbeat_seconds: 2 },
        {
          error: { code: 'lease_lost', message: 'This lease is not valid, or belongs to another miner.', status: 409 },
        },
      ],
    },
  },
  miner_upload: {
    request: { lease_id: LEASE_ID, ...declared },
    reply: { artifact_id: FILE_ID, upload_url: url },
  },
  miner_submit: {
    request: { lease_id: LEASE_ID, success: true, artifact_ids: [FILE_ID], model_load_latency: 0 },
    reply: { task_id: TASK_ID, msg: 'finished' },
  },
  key_create: {
    request: { role: 'consumer', owner: 'acme', limits: { open_tasks: 50 } },
    reply: { key: 'acme#…', key_id: KEY_ID },
  },
  key_list: {
    request: {},
    reply: { keys: [{ key_id: KEY_ID, role: 'consumer', owner: 'acme', created_at: '2027-01-01T00:00:00.000Z' }] },
  },
  key_limit: {
    request: { role: 'consumer', owner: 'acme', limits: { open_tasks: 100 } },
    reply: { msg: 'changed' },
  },
  key_change: {
    request: { key_id: KEY_ID, limits: { open_tasks: 100 }, expires_at: '2028-01-01T00:00:00Z' },
    reply: { key_id: KEY_ID, msg: 'changed' },
  },
  key_rotate: {
    request: { key_id: KEY_ID, overlap_seconds: 86_400 },
    reply: {
      key: 'acme#…',
      key_id: KEY_ID,
      expires_at: '2027-12-31T00:00:00.000Z',
      old_expires_at: '2027-01-02T00:00:00.000Z',
    },
  },
  audit_list: {
    request: { since: '2027-01-01T00:00:00Z', action: 'key_revoke' },
    reply: {
      entries: [
        {
          audit_id: 7,
          at: '2027-01-01T00:00:00.000Z',
          actor: 'boss',
          key_id: KEY_ID,
          action: 'key_revoke',
          target: { key_id: KEY_ID },
          outcome: 'ok',
        },
      ],
    },
  },
  key_revoke: { request: { key_id: KEY_ID }, reply: { key_id: KEY_ID, msg: 'revoked' } },
};
