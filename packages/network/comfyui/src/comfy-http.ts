import type { Graph } from '@heurist/core/definition';
import { parsePythonJson, parsePythonNumbers } from '@heurist/server-kit/python-json';
import { authorityAdvice } from '@heurist/server-kit/unknown-authority';
import { takeCredentials } from '@heurist/server-kit/url-credentials';
import ky, { type KyInstance, type Options } from 'ky';
import type * as z from 'zod/mini';
import { ComfyError, describeNodeErrors } from './comfy-error.ts';
import type { ComfyFile } from './outputs.ts';
import {
  type HistoryEntry,
  historySchema,
  modelFilesSchema,
  modelNamesSchema,
  type NodeErrors,
  nodePacksSchema,
  objectInfoSchema,
  queueSchema,
  submitErrorSchema,
  submitReplySchema,
  systemStatsSchema,
  uploadSchema,
} from './schemas.ts';
import type { ObjectInfo } from './validation/object-info.ts';

/** A prompt to queue. */
export interface SubmitRequest {
  graph: Graph;
  prompt_id: string;
  client_id?: string;
}

/** Ids of the prompts in the queue. */
export interface QueueState {
  /** Prompts that run. */
  running: string[];
  /** Prompts that wait, the next one first. */
  pending: string[];
}

/** A model file of the server. */
export interface ModelFile {
  name: string;
  /** Bytes. */
  size: number;
  /** When it was written, in seconds since 1970. */
  modified: number;
}

/** A file to upload. */
export interface Upload {
  bytes: Blob;
  filename: string;
}

/** How long calls may take and how they are retried; times in milliseconds. */
export interface HttpLimits {
  /** A call. */
  callMs: number;
  /** `POST /prompt`: the server checks the whole graph first. */
  submitMs: number;
  /** `/object_info`: the server looks through all its folders. */
  infoMs: number;
  /** A file, up or down. */
  fileMs: number;
  /** Retries of a failed call. */
  retries: number;
  /** The longest wait between two tries. */
  maxDelayMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  callMs: 10_000,
  submitMs: 60_000,
  infoMs: 60_000,
  fileMs: 300_000,
  retries: 3,
  maxDelayMs: 2000,
};

/** The HTTP calls of a ComfyUI server, one method each. Failed calls are retried, except `POST /prompt`. */
export class ComfyHttp {
  /** Address of the server, with a slash at the end and without a password. */
  readonly url: string;
  /** Sent with every request, and by sockets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #client: KyInstance;
  readonly #limits: HttpLimits;

  constructor(url: string, headers: Record<string, string>, limits: HttpLimits = HTTP_LIMITS) {
    this.#limits = limits;
    const { url: address, authorization } = takeCredentials(url);
    this.url = address.replace(/\/*$/, '/');
    this.headers = { ...(authorization && { authorization }), ...headers };
    this.#client = ky.create({
      baseUrl: this.url,
      headers: this.headers,
      timeout: limits.callMs,
      retry: { limit: limits.retries, backoffLimit: limits.maxDelayMs, retryOnTimeout: true },
      parseJson: (text) => parsePythonJson(text),
    });
  }

  /**
   * Queues a prompt.
   *
   * @throws {ComfyError} `comfyui_invalid_graph`, also if only some outputs are refused: ComfyUI answers 200 then
   */
  async submit({ graph, prompt_id, client_id }: SubmitRequest): Promise<void> {
    const json = { prompt: graph, prompt_id, ...(client_id && { client_id }) };
    const { status, body } = await this.#send(async () => {
      const options: Options = {
        retry: 0,
        timeout: this.#limits.submitMs,
        throwHttpErrors: (status) => status !== 400,
      };
      const response = await this.#client.post('prompt', { json, ...options });
      return { status: response.status, body: parsePythonJson(await response.text()) };
    });
    if (status === 400) throw refused(submitErrorSchema.safeParse(body).data, prompt_id);
    const { node_errors } = check(submitReplySchema, body);
    if (Object.keys(node_errors).length === 0) return;
    await this.cancel(prompt_id);
    throw refused({ error: 'Some outputs are invalid', node_errors }, prompt_id);
  }

  /** The history entry of a prompt, or `undefined` while it has none. */
  async history(prompt_id: string, signal?: AbortSignal): Promise<HistoryEntry | undefined> {
    const path = `history/${encodeURIComponent(prompt_id)}`;
    return (await this.#get(path, historySchema, signal))[prompt_id];
  }

  /** The prompts that run and wait. */
  async queue(signal?: AbortSignal): Promise<QueueState> {
    const { queue_running, queue_pending } = await this.#get('queue', queueSchema, signal);
    // the server prints its heap as it lies in memory
    const pending = queue_pending.toSorted(([a], [b]) => a - b);
    return { running: queue_running.map(([, id]) => id), pending: pending.map(([, id]) => id) };
  }

  /**
   * Cancels exactly this prompt: takes it out of the queue, or interrupts it if it runs. Others are not touched.
   * Servers older than September 2025 interrupt whatever runs, so the running prompt is checked first.
   */
  async cancel(prompt_id: string): Promise<void> {
    await this.#post('queue', { delete: [prompt_id] });
    const { running } = await this.queue();
    if (running.includes(prompt_id)) await this.#post('interrupt', { prompt_id });
  }

  /** Forgets how prompts ended, and with it their graphs. Their files stay. */
  async deleteHistory(prompt_ids: readonly string[]): Promise<void> {
    await this.#post('history', { delete: prompt_ids });
  }

  /** Stores a file among the inputs. Returns the name to use in a graph, which can differ from the one asked for. */
  async upload({ bytes, filename }: Upload): Promise<string> {
    const body = new FormData();
    body.set('image', bytes, filename);
    const json = await this.#send(() =>
      this.#client.post('upload/image', { body, timeout: this.#limits.fileMs, retry: { methods: ['post'] } }).json(),
    );
    const { name, subfolder } = check(uploadSchema, json);
    return subfolder ? `${subfolder}/${name}` : name;
  }

  /** Downloads a file. */
  async view({ filename, subfolder, type }: Omit<ComfyFile, 'node_id' | 'kind'>, signal?: AbortSignal): Promise<Blob> {
    const options: Options = { searchParams: { filename, subfolder, type }, timeout: this.#limits.fileMs };
    return await this.#send(() => this.#client.get('view', { ...options, ...(signal && { signal }) }).blob(), signal);
  }

  /** Whether the server has a file that a graph names as an input: `name`, `folder/name`, or `name [output]`. */
  async hasInputFile(named: string): Promise<boolean> {
    const [, path = '', type = 'input'] = /^(.*?)(?: ?\[(input|output|temp)\])?$/s.exec(named) ?? [];
    const end = path.lastIndexOf('/') + 1;
    const searchParams = { filename: path.slice(end), subfolder: path.slice(0, Math.max(0, end - 1)), type };
    const options: Options = { searchParams, throwHttpErrors: (status) => status >= 500 };
    return (await this.#send(() => this.#client.head('view', options))).ok;
  }

  /** What the server says about its node classes. */
  async objectInfo(): Promise<ObjectInfo> {
    const timeout = this.#limits.infoMs;
    // limits may be infinities
    const read = async () => parsePythonNumbers(await this.#client.get('object_info', { timeout }).text());
    return check(objectInfoSchema, await this.#send(read));
  }

  /** Names of the model files in a folder; none if the server does not know the folder. */
  async models(folder: string): Promise<string[]> {
    return (await this.#find(`models/${encodeURIComponent(folder)}`, modelNamesSchema)) ?? [];
  }

  /** The model files in a folder, with their sizes; none if the server is too old to list them. */
  async modelFiles(folder: string): Promise<ModelFile[]> {
    return (await this.#find(`experiment/models/${encodeURIComponent(folder)}`, modelFilesSchema)) ?? [];
  }

  /** Versions of the custom node packs, by folder; none without ComfyUI-Manager, which provides them. */
  async nodePackVersions(): Promise<Record<string, string>> {
    const packs = (await this.#find('customnode/installed', nodePacksSchema)) ?? {};
    return Object.fromEntries(Object.entries(packs).flatMap(([folder, { ver }]) => (ver ? [[folder, ver]] : [])));
  }

  /** Unloads models and drops cached results after the running prompt, such as after one that ran out of memory. */
  async free(): Promise<void> {
    await this.#post('free', { unload_models: true, free_memory: true });
  }

  /** Version and devices of the server. */
  async systemStats() {
    return await this.#get('system_stats', systemStatsSchema);
  }

  async #get<T>(path: string, schema: z.ZodMiniType<T>, signal?: AbortSignal): Promise<T> {
    const options = { ...(signal && { signal }) };
    return check(schema, await this.#send(() => this.#client.get(path, options).json(), signal));
  }

  async #find<T>(path: string, schema: z.ZodMiniType<T>): Promise<T | undefined> {
    try {
      return await this.#get(path, schema);
    } catch (error) {
      if (ComfyError.isInstance(error) && error.status === 404) return undefined;
      throw error;
    }
  }

  async #post(path: string, json: object): Promise<void> {
    await this.#send(() => this.#client.post(path, { json, retry: { methods: ['post'] } }));
  }

  #loginAdvice(): string {
    return this.headers.authorization
      ? ' Check the user name and password in its address.'
      : ' It wants a user name and password: put them into its address, as in http://user:password@host.';
  }

  async #send<T>(request: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await request();
    } catch (cause) {
      signal?.throwIfAborted();
      const status = (cause as { response?: Response }).response?.status;
      throw new ComfyError(
        status
          ? `ComfyUI at ${this.url} returned status ${status}.${status === 401 ? this.#loginAdvice() : ''}`
          : cause instanceof SyntaxError
            ? `What answers at ${this.url} is not JSON. Check that this is the address of a ComfyUI.`
            : `Cannot reach ComfyUI at ${this.url}. ${authorityAdvice(cause) ?? 'Check that it is running and that the address is right.'}`,
        { code: 'comfyui_unreachable', isRetryable: !status || status >= 500, status, cause },
      );
    }
  }
}

function check<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value);
  if (data !== undefined) return data;
  const [issue] = error?.issues ?? [];
  throw new ComfyError(
    `ComfyUI returned an answer that this client does not understand: ${issue?.path.join('.')}: ${issue?.message}.`,
    {
      code: 'comfyui_invalid_reply',
    },
  );
}

interface Refusal {
  error: string | { message: string; details: string };
  node_errors: NodeErrors | unknown[];
}

function refused(refusal: Refusal | undefined, prompt_id: string): ComfyError {
  const { error = 'The graph was refused', node_errors = {} } = refusal ?? {};
  const nodeErrors = Array.isArray(node_errors) ? {} : node_errors;
  const problems = describeNodeErrors(nodeErrors);
  const whole = typeof error === 'string' ? error : [error.message, error.details].filter(Boolean).join(' ');
  return new ComfyError([whole, ...problems].join('; '), { code: 'comfyui_invalid_graph', nodeErrors, prompt_id });
}
