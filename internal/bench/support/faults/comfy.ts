// @comfyorg/sdk: jobs that are polled or followed, and assets.
import type { Client, Session } from './client.ts';
import type { Call } from './gateway.ts';
import { KEY, PICTURE } from './given.ts';
import { JOB, reasonOf, statusIn, translate, translateEvents, type Words } from './translate.ts';
import { uploadForm } from './upload-form.ts';

const STATUS = { waiting: 'queued', running: 'running', finished: 'succeeded', failed: 'failed', canceled: 'canceled' };
const GRAPH = { 1: { class_type: 'LoadImage', inputs: { image: 'a.png' } } };
const now = () => new Date().toISOString();

const refusal: Words['refusal'] = (message, code) => ({ error: { code, message } });

const job: Words['state'] = (state) => {
  const { task_id, outputs } = state;
  const reason = state.status === 'failed' ? (reasonOf(state) ?? '') : undefined;
  const link = (what = '') => `/api/v2/jobs/${task_id}${what}`;
  return {
    id: task_id,
    status: statusIn(STATUS, state),
    created_at: now(),
    started_at: null,
    completed_at: null,
    expires_at: now(),
    queue_position: 0,
    progress: null,
    outputs: outputs === null ? null : (outputs ?? []).map(({ url }) => output(url)),
    error: reason === undefined ? null : { code: 'execution_failed', message: reason },
    metrics: { queue_ms: 0, execution_ms: null },
    urls: { self: link(), events: link('/events'), cancel: link('/cancel') },
  };
};

/** The id leads back to the file. */
const output = (url: string) => ({
  node_id: '1',
  name: 'out.png',
  type: 'image',
  content_type: 'image/png',
  size_bytes: 70,
  id: Buffer.from(url).toString('base64url'),
  hash: null,
  url,
  url_expires_at: now(),
});

const asset = (url: string, id: string) => ({
  id,
  hash: null,
  size_bytes: PICTURE.size,
  content_type: 'image/png',
  file_path: 'a.png',
  created_new: true,
  created_at: now(),
  url,
  url_expires_at: now(),
});

async function protocol(call: Call): Promise<Response> {
  const { method, path, ask, get, headers } = call;
  // no file is there yet
  if (method === 'HEAD') return new Response(null, { status: 404 });
  if (path === '/api/v2/assets') return await uploadForm(call, 'file', refusal, asset);
  const words = { state: job, refusal };
  const [, content] = /^\/api\/v2\/assets\/([^/]+)\/content$/.exec(path) ?? [];
  if (content) return await translate(await get(Buffer.from(content, 'base64url').toString()), words);
  const [, task_id, what] = /^\/api\/v2\/jobs\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  if (!task_id) {
    const key = headers.get('idempotency-key');
    return await translate(await ask('task_create', { ...JOB, ...(key && { job_id: key }) }), {
      ...words,
      status: 201,
    });
  }
  if (what === 'events')
    return translateEvents(
      await ask('task_events', { task_id }),
      (state) => `event: status\ndata: ${JSON.stringify({ status: statusIn(STATUS, state) })}\n\n`,
    );
  return await translate(await ask(what === 'cancel' ? 'task_cancel' : 'task_result_query', { task_id }), words);
}

interface Job {
  outputs: { toBytes(): Promise<Uint8Array> }[];
  events(signal?: AbortSignal): AsyncIterable<unknown>;
  result(signal?: AbortSignal): Promise<Job>;
}

/** The part of the package that is used. */
export interface ComfyPackage {
  Comfy: new (
    options: object,
  ) => {
    workflows: { fromJson(graph: object): object };
    assets: { fromBytes(bytes: Uint8Array, options: object): { commit(): Promise<string> } };
    run(workflow: object, options: object): Promise<Job>;
    submit(workflow: object, options: object): Promise<Job>;
  };
}

export function comfyClient({ Comfy }: ComfyPackage, version: string): Client {
  return {
    name: '@comfyorg/sdk',
    version,
    settings: '`client.run` with `timeoutMs` and `signal`; for streams `job.events`',
    protocol,
    lacks: [
      ...(['unservable', 'storage-quota-exceeded', 'job-id-conflict', 'protocol-too-new', 'no-miner'] as const),
      ...(['finished-without-outputs', 'download-changed'] as const),
    ],
    open(url): Session {
      // it is read by the constructor
      process.env.COMFY_BASE_URL = url;
      const client = new Comfy({ apiKey: KEY });
      const graph = () => client.workflows.fromJson(structuredClone(GRAPH));
      return {
        run: ({ timeout: timeoutMs, signal }) => client.run(graph(), { timeoutMs, signal }),
        async follow({ signal }) {
          const submitted = await client.submit(graph(), { signal });
          for await (const _ of submitted.events(signal));
          return await submitted.result(signal);
        },
        upload: async (file) =>
          await client.assets.fromBytes(new Uint8Array(await file.arrayBuffer()), { filename: 'a.png' }).commit(),
        download: async () => await (await client.run(graph(), {})).outputs[0]?.toBytes(),
      };
    },
  };
}
