// @fal-ai/client: a queue with status and result, and uploads in two calls.
import type { WorkflowTaskResult } from '@heurist/core';
import type { Client, Patience, Session } from './client.ts';
import type { Call } from './gateway.ts';
import { KEY, PICTURE } from './given.ts';
import { JOB, reasonOf, statusIn, translate, translateEvents, type Words } from './translate.ts';

const STATUS = {
  waiting: 'IN_QUEUE',
  running: 'IN_PROGRESS',
  finished: 'COMPLETED',
  // the result says how it ended
  failed: 'COMPLETED',
  canceled: 'COMPLETED',
};
const APP = 'test/app';

const refusal: Words['refusal'] = (message) => ({ detail: message });

async function protocol(call: Call): Promise<Response> {
  const { method, path, ask, origin } = call;
  if (path.startsWith('/storage/')) return await initiate(call);
  const [, task_id = '', what] = /\/requests\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  const links = (id: string) => {
    const own = `${origin}/${APP}/requests/${id}`;
    return { request_id: id, response_url: own, status_url: `${own}/status`, cancel_url: `${own}/cancel` };
  };
  const status: Words['state'] = (state) => ({ ...links(state.task_id), status: statusIn(STATUS, state) });
  if (!task_id) {
    const submitted = await ask('task_create', JOB);
    return await translate(submitted, { refusal, state: (state) => ({ ...links(state.task_id), status: 'IN_QUEUE' }) });
  }
  if (method === 'PUT')
    return await translate(await ask('task_cancel', { task_id }), {
      refusal,
      state: () => ({ status: 'CANCELLATION_REQUESTED' }),
      status: 202,
    });
  if (what === 'status/stream')
    return translateEvents(
      await ask('task_events', { task_id }),
      (state) => `data: ${JSON.stringify(status(state))}\n\n`,
    );
  const queried = await ask('task_result_query', { task_id });
  if (what === 'status') return await translate(queried, { refusal, state: status });
  return await result(queried);
}

/** A job that failed is told by the status of its result. */
async function result(queried: Response): Promise<Response> {
  const state = (await queried
    .clone()
    .json()
    .catch(() => undefined)) as WorkflowTaskResult | undefined;
  if (state?.status === 'failed') return Response.json({ detail: reasonOf(state) ?? 'Error' }, { status: 422 });
  return await translate(queried, { refusal, state: ({ outputs }) => ({ images: outputs }) });
}

async function initiate({ ask, bytes }: Call): Promise<Response> {
  const { content_type } = JSON.parse(bytes.toString());
  const slot = await ask('file_create', { content_type, bytes: PICTURE.size });
  if (!slot.ok) return await translate(slot, { refusal, state: () => ({}) });
  const { upload_url, url } = (await slot.json()) as { upload_url: string; url: string };
  return Response.json({ upload_url, file_url: url });
}

/** The part of the package that is used. */
export interface FalPackage {
  createFalClient(options: object): {
    subscribe(app: string, options: object): Promise<{ data: unknown }>;
    storage: { upload(file: Blob): Promise<string> };
  };
}

export function falClient({ createFalClient }: FalPackage, version: string): Client {
  return {
    name: '@fal-ai/client',
    version,
    settings: '`fal.subscribe`, which retries by default; `timeout` and `abortSignal`; for streams `mode: "streaming"`',
    protocol,
    lacks: [
      ...([
        'unservable',
        'storage-quota-exceeded',
        'job-id-conflict',
        'protocol-too-new',
        'outputs-null',
        'no-miner',
      ] as const),
      ...(['finished-without-outputs', 'download-expired', 'download-cut', 'download-changed'] as const),
    ],
    open(url): Session {
      // its addresses are fixed: only the origin is another one here
      const here = (to: string, init?: RequestInit) => {
        const { pathname, search } = new URL(to);
        return fetch(`${url}${pathname}${search}`, init);
      };
      const fal = createFalClient({ credentials: KEY, fetch: here, suppressLocalCredentialsWarning: true });
      const subscribe = async ({ timeout, signal }: Patience, options: object = {}) => {
        const patience = { ...(timeout && { timeout }), ...(signal && { abortSignal: signal }) };
        return (await fal.subscribe(APP, { input: {}, ...patience, ...options })).data;
      };
      return {
        run: (patience) => subscribe(patience),
        // with a timeout, this mode ends the process
        follow: ({ signal }) => subscribe({ signal }, { mode: 'streaming' }),
        upload: (file) => fal.storage.upload(file),
      };
    },
  };
}
