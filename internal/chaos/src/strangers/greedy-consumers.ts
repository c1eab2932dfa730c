import { randomUUID } from 'node:crypto';
import type { Caller, Stranger } from './stranger.ts';

const PRIORITIES = ['low', 'normal', 'high'];

const submit = (me: Caller, more: object = {}) =>
  me.call('task_create', {
    task_type: 'paint',
    job_id: randomUUID(),
    task_details: { parameters: { color: Math.floor(me.random() * 2 ** 24) } },
    ...more,
  });

/** Submits as much as it is allowed to. */
const flooder = (name: string): Stranger => ({
  name,
  role: 'consumer',
  begin: (me) => () => Promise.all(PRIORITIES.map((priority) => submit(me, { priority }))),
});

/** Consumers that want more than their share, each with a key of its own. */
export const greedyConsumers: readonly Stranger[] = [
  flooder('flooder1'),
  flooder('flooder2'),
  {
    name: 'canceler',
    role: 'consumer',
    begin: (me) => async () => {
      const { body } = await submit(me);
      if (body.task_id) await me.call('task_cancel', { task_id: body.task_id });
    },
  },
  {
    name: 'announcer',
    role: 'consumer',
    begin: (me) => () =>
      Promise.all(Array.from({ length: 5 }, () => me.call('file_create', { content_type: 'image/png', bytes: 2e8 }))),
  },
  {
    name: 'watcher',
    role: 'consumer',
    begin(me) {
      let task_id: string | undefined;
      return async () => {
        task_id ??= (await submit(me)).body.task_id;
        await Promise.all(Array.from({ length: 20 }, () => peek(me, task_id)));
      };
    },
  },
  {
    name: 'peeker',
    role: 'consumer',
    begin(me) {
      let url: string | undefined;
      return async () => {
        url ??= await store(me);
        if (url) for (const method of ['HEAD', 'HEAD', 'GET']) await abandon(url, method);
      };
    },
  },
  {
    name: 'novelist',
    role: 'consumer',
    begin: (me) => async () => {
      await submit(me, { task_details: { parameters: { color: 1, prompt: 'x'.repeat(900_000) } } });
      await me.call('task_create', `{"task_type":"paint","task_details":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
      await me.call(
        'task_create',
        JSON.stringify(Object.fromEntries(Array.from({ length: 9000 }, (_, key) => [key, '']))),
      );
    },
  },
  {
    name: 'snoop',
    role: 'consumer',
    begin: (me) => async () => {
      for (const name of ['task_result_query', 'task_cancel', 'task_events'])
        await me.call(name, { task_id: randomUUID() });
      await me.call('key_list', {});
      await me.call('miner_request', { workflow_ids: ['paint'] });
    },
  },
];

/** Opens an event stream and leaves a moment later. */
async function peek(me: Caller, task_id: string | undefined): Promise<void> {
  await fetch(`${me.url}/task_events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${me.key}` },
    body: JSON.stringify({ task_id }),
    signal: AbortSignal.any([me.signal, AbortSignal.timeout(500)]),
  })
    .then((response) => response.text())
    .catch(() => {});
}

/** @returns a signed URL of a file of 1 MB */
async function store(me: Caller): Promise<string | undefined> {
  const content_type = 'image/png';
  const { body } = await me.call('file_create', { content_type, bytes: 1_000_000 });
  if (!body.upload_url) return;
  const file = new Uint8Array(1_000_000);
  file.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const { status } = await me.send(body.upload_url, {
    method: 'PUT',
    headers: { 'content-type': content_type },
    body: file,
  });
  return status === 200 ? body.url : undefined;
}

/** Asks for a file and does not read it. */
async function abandon(url: string, method: string): Promise<void> {
  const left = new AbortController();
  await fetch(url, { method, signal: left.signal }).catch(() => {});
  left.abort();
}
