import { describe, expect, test } from 'vitest';
import * as schemas from './schemas.ts';

const {
  parametersOf,
  keyListReplySchema,
  keyRotateReplySchema,
  auditReplySchema,
  minerTaskSchema,
  heartbeatReplySchema,
  heartbeatsReplySchema,
  minerSubmitReplySchema,
  ...rest
} = schemas;

const task = { task_type: 'x', task_details: {} };
const file = { content_type: 'image/png', bytes: 1 };
const claim = { workflow_ids: ['a'] };
const output = { ...file, lease_id: '', filename: 'a.png', kind: 'image', sha256: 'a'.repeat(64) };
const key = { role: 'miner', owner: 'me' };
const beat = (progress: object) => ({ lease_id: '', progress: { percent: 1, ...progress } });
const submit = (more: object) => ({ success: false, ...more });
const text = (length: number) => 'x'.repeat(length);

const named = (values: unknown[]) => values.map((value) => ({ value, name: `${JSON.stringify(value)}`.slice(0, 40) }));

/** The last value that is accepted on each side of a limit, and the first that is not. */
describe.each<[keyof typeof rest, string, (value: never) => object, unknown[], unknown[], string]>([
  [
    'taskCreateSchema',
    'task_type',
    (task_type) => ({ ...task, task_type }),
    [text(1), text(200)],
    ['', text(201)],
    'text of 1 to 200 characters',
  ],
  [
    'taskCreateSchema',
    'task_details',
    (task_details) => ({ ...task, task_details }),
    ['', {}, { a: 1 }],
    [1, [], null],
    'a JSON object, or the text of one',
  ],
  [
    'taskCreateSchema',
    'job_id',
    (job_id) => ({ ...task, job_id }),
    [undefined, null, text(1), text(200)],
    ['', text(201)],
    'text of 1 to 200 characters',
  ],
  [
    'taskCreateSchema',
    'workflow_id',
    (workflow_id) => ({ ...task, workflow_id }),
    [undefined, null, text(200)],
    ['', text(201)],
    'text of 1 to 200 characters',
  ],
  [
    'taskCreateSchema',
    'timeout_seconds',
    (timeout_seconds) => ({ ...task, timeout_seconds }),
    [undefined, null, 0.1, 86_400],
    [0, -1, 86_400.1],
    'a number of seconds above 0 and at most 86400',
  ],
  [
    'taskCreateSchema',
    'webhook_url',
    (webhook_url) => ({ ...task, webhook_url }),
    [undefined, null, '', text(2000)],
    [text(2001)],
    'text of at most 2000 characters',
  ],
  [
    'taskCreateSchema',
    'priority',
    (priority) => ({ ...task, priority }),
    [undefined, null, 'low', 'normal', 'high'],
    ['urgent', ''],
    'one of low, normal, high',
  ],
  [
    'taskCreateSchema',
    'reject_if_unservable',
    (value) => ({ ...task, reject_if_unservable: value }),
    [undefined, null, true, false],
    [0, 'true'],
    'true or false',
  ],
  [
    'taskRefSchema',
    'task_id',
    (task_id) => ({ task_id }),
    [text(1), text(200)],
    ['', text(201)],
    'text of 1 to 200 characters',
  ],
  [
    'fileCreateSchema',
    'content_type',
    (content_type) => ({ ...file, content_type }),
    ['image/png', 'a/b; c=d', `a/${text(98)}`],
    ['', 'png', 'image/', '/png', 'a/b\n', 'a /b', 'a/b c', 'xa/b;\n', `a/${text(99)}`],
    'a media type of at most 100 characters without commas, such as image/png',
  ],
  [
    'fileCreateSchema',
    'bytes',
    (bytes) => ({ ...file, bytes }),
    [1, 2 ** 40],
    [0, -1, 1.5],
    'a whole number of bytes, 1 or more',
  ],
  [
    'minerRequestSchema',
    'workflow_ids',
    (workflow_ids) => ({ workflow_ids }),
    [['a'], Array(1000).fill('a')],
    [[], Array(1001).fill('a')],
    'a list of 1 to 1000 items',
  ],
  [
    'minerRequestSchema',
    'wait_seconds',
    (wait_seconds) => ({ ...claim, wait_seconds }),
    [undefined, 0, 60],
    [-0.1, 60.1, null],
    'a number of seconds from 0 to 60',
  ],
  [
    'minerRequestSchema',
    'claim_id',
    (claim_id) => ({ ...claim, claim_id }),
    [undefined, text(200)],
    ['', text(201)],
    'text of 1 to 200 characters',
  ],
  [
    'minerRequestSchema',
    'lacks.a',
    (value) => ({ ...claim, lacks: { a: value } }),
    [[], Array(100).fill('x')],
    [Array(101).fill('x'), 'x'],
    'a list of at most 100 items',
  ],
  [
    'minerRequestSchema',
    'lacks.a.0',
    (value) => ({ ...claim, lacks: { a: [value] } }),
    ['', text(1000)],
    [text(1001)],
    'text of at most 1000 characters',
  ],
  [
    'minerHeartbeatSchema',
    'progress.percent',
    (percent) => beat({ percent }),
    [0, 100],
    [-0.1, 100.1],
    'a number from 0 to 100',
  ],
  [
    'minerHeartbeatSchema',
    'progress.node',
    (node) => beat({ node }),
    ['', text(200)],
    [text(201)],
    'text of at most 200 characters',
  ],
  [
    'minerHeartbeatSchema',
    'progress.preview',
    (preview) => beat({ preview }),
    [undefined, `data:image/png;base64,${text(399_978)}`],
    ['', 'https://x', `data:image/png;base64,${text(399_979)}`],
    'a PNG, JPEG, WebP or GIF as a data: URL of at most 400000 characters',
  ],
  [
    'minerHeartbeatsSchema',
    'heartbeats',
    (heartbeats) => ({ heartbeats }),
    [['each is checked alone'], Array(10_000).fill(beat({}))],
    [[], Array(10_001).fill(beat({}))],
    'a list of 1 to 10000 items',
  ],
  [
    'minerHeartbeatsSchema',
    'wait_seconds',
    (wait_seconds) => ({ heartbeats: [beat({})], wait_seconds }),
    [undefined, 0, 60],
    [-0.1, 60.1, null],
    'a number of seconds from 0 to 60',
  ],
  [
    'minerUploadSchema',
    'filename',
    (filename) => ({ ...output, filename }),
    ['a', text(255)],
    ['', text(256)],
    'text of 1 to 255 characters',
  ],
  [
    'minerUploadSchema',
    'kind',
    (kind) => ({ ...output, kind }),
    ['image', 'video', 'audio', 'text', 'file'],
    ['', 'png'],
    'one of image, video, audio, text, file',
  ],
  [
    'minerUploadSchema',
    'bytes',
    (bytes) => ({ ...output, bytes }),
    [0, 1],
    [-1, 0.5],
    'a whole number of bytes, 0 or more',
  ],
  [
    'minerUploadSchema',
    'sha256',
    (sha256) => ({ ...output, sha256 }),
    ['0123456789abcdef'.repeat(4)],
    ['a'.repeat(63), 'a'.repeat(65), 'A'.repeat(64), 'g'.repeat(64)],
    'a SHA-256 in 64 lower-case hexadecimal digits',
  ],
  [
    'minerUploadSchema',
    'width',
    (width) => ({ ...output, width }),
    [undefined, 0, 5],
    [0.5, '5'],
    'a whole number of pixels',
  ],
  [
    'minerUploadSchema',
    'height',
    (height) => ({ ...output, height }),
    [undefined, 5],
    [0.5],
    'a whole number of pixels',
  ],
  [
    'minerSubmitSchema',
    'artifact_ids',
    (artifact_ids) => submit({ artifact_ids }),
    [[], Array(1000).fill('x')],
    [Array(1001).fill('x')],
    'a list of at most 1000 items',
  ],
  [
    'minerSubmitSchema',
    'error.code',
    (code) => submit({ error: { code, message: '' } }),
    ['', text(100)],
    [text(101)],
    'text of at most 100 characters',
  ],
  [
    'minerSubmitSchema',
    'error.message',
    (message) => submit({ error: { code: '', message } }),
    ['', text(5000)],
    [text(5001)],
    'text of at most 5000 characters',
  ],
  [
    'minerSubmitSchema',
    'versions.comfyui',
    (comfyui) => submit({ versions: { comfyui } }),
    ['', text(200)],
    [text(201)],
    'text of at most 200 characters',
  ],
  [
    'minerSubmitSchema',
    'inference_latency',
    (value) => submit({ inference_latency: value }),
    [undefined, null, 0, -1.5],
    ['1'],
    'a number',
  ],
  [
    'keyCreateSchema',
    'role',
    (role) => ({ ...key, role }),
    ['consumer', 'miner', 'operator'],
    ['', 'admin'],
    'one of consumer, miner, operator',
  ],
  [
    'keyCreateSchema',
    'owner',
    (owner) => ({ ...key, owner }),
    ['a', text(200)],
    ['', text(201)],
    'text of 1 to 200 characters',
  ],
  [
    'keyCreateSchema',
    'max_open_tasks',
    (value) => ({ ...key, max_open_tasks: value }),
    [undefined, 1, 1_000_000],
    [0, 1_000_001, 1.5],
    'a whole number from 1 to 1000000',
  ],
  [
    'keyCreateSchema',
    'max_tasks_per_minute',
    (value) => ({ ...key, max_tasks_per_minute: value }),
    [1, 1_000_000],
    [0, 1_000_001],
    'a whole number from 1 to 1000000',
  ],
  [
    'keyCreateSchema',
    'limits.streams',
    (streams) => ({ ...key, limits: { streams } }),
    [1, 1e15],
    [0, 1.5, 1e16, '8', null],
    'a whole number from 1 to 1000000000000000',
  ],
  [
    'keyLimitSchema',
    'limits.streams',
    (streams) => ({ key_id: 'a', limits: { streams } }),
    [1, 1e15, null],
    [0, 1.5, 1e16, '8'],
    'a whole number from 1 to 1000000000000000',
  ],
  [
    'keyLimitSchema',
    'limits',
    (limits) => ({ key_id: 'a', limits }),
    [{}, { [text(60)]: 1 }, Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`a${index}`, 1]))],
    [null, [], Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`a${index}`, 1]))],
    'a JSON object of at most 100 entries with keys of at most 60 characters',
  ],
  [
    'keyLimitSchema',
    'role',
    (role) => ({ role, owner: 'me', limits: {} }),
    [undefined, 'consumer', 'miner', 'operator'],
    ['', 'admin'],
    'one of consumer, miner, operator',
  ],
  [
    'minerRequestSchema',
    'slots',
    (slots) => ({ ...claim, slots }),
    [undefined, 1, 1000],
    [0, 1001, 1.5, '2'],
    'a whole number from 1 to 1000',
  ],
  [
    'minerRequestSchema',
    'machine_id',
    (machine_id) => ({ ...claim, machine_id }),
    [undefined, 'a', text(100)],
    ['', text(101), 5],
    'text of 1 to 100 characters',
  ],
  [
    'keyRevokeSchema',
    'key_id',
    (key_id) => ({ key_id }),
    ['a', text(200)],
    ['', text(201)],
    'text of 1 to 200 characters',
  ],
])('%s %s', (name, field, body, accepted, refused, what) => {
  test.each(named(accepted))('accepts $name', ({ value }) => {
    expect(rest[name].safeParse(body(value as never)).success).toBe(true);
  });

  test.each(named(refused))('refuses $name', ({ value }) => {
    const { issues = [] } = rest[name].safeParse(body(value as never)).error ?? {};
    expect(issues.map(({ path }) => path.join('.'))).toContain(field);
    expect(new Set(issues.map(({ message }) => message.replace(/ \(got .*/, '')))).toEqual(
      new Set([`must be ${what}`]),
    );
  });
});

test.each([
  [claim, { lacks: { '': [] } }, 'lacks.', '1 to 200'],
  [claim, { lacks: { [text(201)]: [] } }, `lacks.${text(201)}`, '1 to 200'],
])('a key of a map that is too short or too long is named', (body, more, path, limits) => {
  const { issues = [] } = rest.minerRequestSchema.safeParse({ ...body, ...more }).error ?? {};
  expect(issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  expect(issues[0]?.message).toContain(`must be a JSON object with keys of ${limits} characters (got "`);
});

test('what miners say loses unknown fields, control characters and what turns text', () => {
  const { progress } = rest.minerHeartbeatSchema.parse(
    beat({ node: '\u001B]0;title\u0007K\u202ESampler', blob: 'x'.repeat(1000) }),
  ) as { progress: object };
  expect(progress).toEqual({ percent: expect.any(Number), node: 'KSampler' });
  const error = { code: 'a\u0000b', message: 'line 1\nline\u001B[2J 2', node_type: '\u0007x', extra: {} };
  expect(rest.minerSubmitSchema.parse(submit({ error }))).toMatchObject({
    error: { code: 'ab', message: 'line 1\nline 2', node_type: 'x' },
  });
  expect(rest.minerSubmitSchema.parse(submit({ error }))).not.toHaveProperty('error.extra');
});

test.each(['image/svg+xml;base64,', 'text/html;base64,', 'image/png,', 'image/png;base64,<'])(
  'a preview is a raster image: not data:%s',
  (start) => {
    expect(rest.minerHeartbeatSchema.safeParse(beat({ preview: `data:${start}AAAA` })).success).toBe(false);
    expect(rest.minerHeartbeatSchema.safeParse(beat({ preview: 'data:image/png;base64,AAAA' })).success).toBe(true);
  },
);

test('maps take keys up to their limit', () => {
  const versionsOf = (more: object) => rest.minerSubmitSchema.safeParse(submit({ versions: { comfyui: '', ...more } }));
  const model = { bytes: 1, modified_at: '' };
  expect(versionsOf({ nodes: { [text(200)]: '' }, models: { [text(1000)]: model } }).success).toBe(true);
  expect(versionsOf({ nodes: { [text(201)]: '' } }).success).toBe(false);
  expect(versionsOf({ models: { [text(1001)]: model } }).success).toBe(false);
});

test.each(Object.entries(rest))('%s keeps fields that it does not know', (_, schema) => {
  const bodies = [
    task,
    { task_id: 'a' },
    { task_ids: ['a'] },
    { tasks: [{ task_id: 'a' }] },
    file,
    claim,
    output,
    key,
    beat({}),
    { heartbeats: [beat({})] },
    submit({}),
    { key_id: 'a' },
    { limits: {} },
    {},
  ];
  const fitting = bodies.find((body) => schema.safeParse(body).success);
  expect(schema.safeParse({ ...fitting, more: 1 }).data).toMatchObject({ more: 1 });
});

test('replies need no more than what is read of them', () => {
  const listed = { key_id: 'a', role: 'miner', owner: 'me', created_at: 'now' };
  expect(keyListReplySchema.safeParse({ keys: [listed, { ...listed, max_open_tasks: 1 }] }).success).toBe(true);
  expect(keyListReplySchema.safeParse({ keys: [{ ...listed, owner: 1 }] }).success).toBe(false);
  const rotated = { key: 'me#a', key_id: 'a', old_expires_at: 'now' };
  expect(keyRotateReplySchema.safeParse({ ...rotated, more: 1 }).data).toMatchObject({ more: 1 });
  expect(keyRotateReplySchema.safeParse({ ...rotated, key: 1 }).success).toBe(false);
  const entry = { audit_id: 1, at: 'now', actor: 'me', key_id: null, action: 'key_create', target: {}, outcome: 'ok' };
  expect(auditReplySchema.safeParse({ entries: [{ ...entry, more: 1 }] }).success).toBe(true);
  expect(auditReplySchema.safeParse({ entries: [{ ...entry, at: 1 }] }).success).toBe(false);
  expect(minerTaskSchema.safeParse({ task_id: null, msg: null }).success).toBe(true);
  expect(minerTaskSchema.safeParse({ task_id: 1 }).success).toBe(false);
  expect(heartbeatReplySchema.safeParse({ cancel: true }).success).toBe(true);
  expect(heartbeatReplySchema.safeParse({}).success).toBe(false);
  const error = { code: 'lease_lost', message: '', status: 409 };
  const results = [{ cancel: true }, { cancel: false, heartbeat_seconds: 2, more: 1 }, { error }, {}];
  expect(heartbeatsReplySchema.safeParse({ results }).success).toBe(true);
  expect(heartbeatsReplySchema.safeParse({ results: [{ error: 'lost' }] }).success).toBe(false);
  expect(minerSubmitReplySchema.safeParse({ task_id: 'a' }).success).toBe(true);
  expect(minerSubmitReplySchema.safeParse({}).success).toBe(false);
});

test.each([
  [{ parameters: { a: 1 } }, { a: 1 }],
  [{ prompt: 'x' }, { prompt: 'x' }],
  ['{"parameters":{"a":1}}', { a: 1 }],
  ['{"prompt":"x"}', { prompt: 'x' }],
  ['null', {}],
  [{ parameters: { parameters: 1 } }, { parameters: 1 }],
])('the parameters of %j are %j', (details, parameters) => {
  expect(parametersOf(details)).toEqual(parameters);
});
