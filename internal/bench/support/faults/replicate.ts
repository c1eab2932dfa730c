// replicate: predictions that are polled, and files.
import type { Client, Session } from './client.ts';
import type { Call } from './gateway.ts';
import { KEY } from './given.ts';
import { JOB, reasonOf, statusIn, translate, type Words } from './translate.ts';
import { uploadForm } from './upload-form.ts';

const STATUS = {
  waiting: 'starting',
  running: 'processing',
  finished: 'succeeded',
  failed: 'failed',
  canceled: 'canceled',
};
const MODEL = `test/model:${'0'.repeat(64)}`;

const refusal: Words['refusal'] = (message, code) => ({ title: code, detail: message });

async function protocol(call: Call): Promise<Response> {
  const { method, path, ask, origin } = call;
  const prediction: Words['state'] = (state) => ({
    id: state.task_id,
    status: statusIn(STATUS, state),
    input: {},
    // outputs over plain HTTP would stay texts
    output: state.outputs?.[0]?.url.replace(/^http:/, 'https:') ?? null,
    error: reasonOf(state) ?? null,
    urls: {
      get: `${origin}/v1/predictions/${state.task_id}`,
      cancel: `${origin}/v1/predictions/${state.task_id}/cancel`,
    },
  });
  const words = { state: prediction, refusal };
  if (path === '/v1/files')
    return await uploadForm(call, 'content', refusal, (url, id) => ({ id, urls: { get: url } }));
  const [, task_id, what] = /^\/v1\/predictions\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  if (!task_id) return await translate(await ask('task_create', JOB), { ...words, status: 201 });
  const isCancel = method === 'POST' && what === 'cancel';
  return await translate(await ask(isCancel ? 'task_cancel' : 'task_result_query', { task_id }), words);
}

/** The part of the package that is used. */
export interface ReplicatePackage {
  Replicate: new (
    options: object,
  ) => {
    run(model: string, options: object): Promise<{ blob?(): Promise<Blob> } | null>;
    files: { create(file: Blob): Promise<unknown> };
  };
}

export function replicateClient({ Replicate }: ReplicatePackage, version: string): Client {
  return {
    name: 'replicate',
    version,
    settings:
      '`replicate.run` with `wait: { mode: "poll" }`, which retries by default; a `signal` in place of a timeout',
    protocol,
    lacks: [
      ...([
        'unservable',
        'storage-quota-exceeded',
        'job-id-conflict',
        'protocol-too-new',
        'outputs-null',
        'no-miner',
        'timeout',
      ] as const),
      ...(['finished-without-outputs', 'download-changed'] as const),
    ],
    open(url): Session {
      const plain = (to: URL | string, init?: RequestInit) => fetch(String(to).replace(/^https:/, 'http:'), init);
      const replicate = new Replicate({ auth: KEY, baseUrl: `${url}/v1`, fetch: plain });
      const wait = { mode: 'poll' };
      return {
        run: ({ signal }) => replicate.run(MODEL, { input: {}, wait, signal }),
        upload: (file) => replicate.files.create(file),
        async download() {
          const output = await replicate.run(MODEL, { input: {}, wait });
          return await (await output?.blob?.())?.arrayBuffer();
        },
      };
    },
  };
}
