import { HeuristError } from '@heurist/core';
import { createTransport, type Transport } from '@heurist/core/protocol';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { AwsClient } from 'aws4fetch';
import * as z from 'zod/mini';
import type { HeartbeatAnswer, LeasedTask, OutputDescription, Report, SequencerProtocol } from './sequencer-client.ts';

/** Settings of {@link createLegacyProtocol}. */
export interface LegacyOptions {
  /** Address of the sequencer. */
  sequencer: string;
  /** The miner's wallet, by which the network identifies and pays it. */
  erc20_address: string;
  /** Address that stores files. Default: the one of the reference miner. */
  uploadUrl?: string;
  /** How often to ask for a task, in milliseconds. Default 2000, as the reference miner does. */
  pollMs?: number;
  /** Allow plain HTTP to a remote host. Default `false`. */
  allowInsecureHttp?: boolean;
}

/** Of `comfyui-miner-release`, as are all other facts here. */
const UPLOAD_URL = 'https://1ukui6ppcf.execute-api.us-east-1.amazonaws.com/dev/upload-video';
const REGION = { service: 'execute-api', region: 'us-east-1' };

/** How long calls may take and how often they are retried; times in milliseconds. */
export interface LegacyLimits {
  /** A call. */
  callMs: number;
  /** An upload, its retries included. */
  uploadMs: number;
  retries: number;
}

export const LEGACY_LIMITS: LegacyLimits = { callMs: 10_000, uploadMs: 300_000, retries: 3 };

/** Where files of a task type are stored. */
const folders: Record<string, string> = { txt2vid: 'test-video', txt2img: 'flux-lora' };

const taskSchema = z.looseObject({
  task_id: z.optional(z.nullable(z.string())),
  msg: z.optional(z.nullable(z.string())),
  task_type: z.optional(z.string()),
  workflow_id: z.optional(z.nullable(z.string())),
  task_details: z.optional(z.union([z.string(), z.record(z.string(), z.unknown())])),
  credential: z.optional(
    z.nullable(z.looseObject({ access_key_id: z.string(), secret_access_key: z.string(), session_token: z.string() })),
  ),
});

type Task = z.infer<typeof taskSchema>;
type Credential = NonNullable<Task['credential']>;

/**
 * The protocol of the reference miner, for a reference sequencer. It has neither keys nor leases: nothing proves that a task is
 * ours, a cancellation does not reach us, progress is not reported, and only the first output is stored.
 *
 * @throws {HeuristError} `invalid_configuration` if the wallet address is malformed
 */
export function createLegacyProtocol(options: LegacyOptions): SequencerProtocol {
  return new LegacyClient(options);
}

export class LegacyClient implements SequencerProtocol {
  readonly #transport: Transport;
  readonly #options: LegacyOptions;
  readonly #clock: Clock;
  readonly #limits: LegacyLimits;
  /** Tasks in flight: what they came with is needed to store and report them. */
  readonly #tasks = new Map<string, Task>();
  /** Task id -> its first file. There is no place for others. */
  readonly #stored = new Map<string, string>();

  constructor(options: LegacyOptions, clock: Clock = systemClock, limits: LegacyLimits = LEGACY_LIMITS) {
    const { sequencer, erc20_address, allowInsecureHttp = false } = options;
    if (!/^0x[0-9a-fA-F]{40}$/.test(erc20_address))
      throw new HeuristError(`"${erc20_address}" is not a wallet address: write 0x and 40 hexadecimal digits.`, {
        code: 'invalid_configuration',
      });
    this.#transport = createTransport(sequencer, allowInsecureHttp);
    this.#options = options;
    this.#clock = clock;
    this.#limits = limits;
  }

  async claim(
    _claim_id: string,
    workflow_ids: string[],
    _lacks: Record<string, string[]> | undefined,
    signal: AbortSignal,
  ): Promise<LeasedTask | undefined> {
    const { erc20_address, pollMs = 2000 } = this.#options;
    const call = { signal, timeout: this.#limits.callMs, retries: this.#limits.retries };
    const body = { erc20_address, workflow_ids };
    const task = await this.#transport.call('miner_request', body, taskSchema, call).catch(asTemporary);
    const { task_id, workflow_id, task_details = {}, msg } = task;
    // the protocol says only in words that a task is still with us
    if (!task_id || !workflow_id || msg?.includes('running')) {
      await this.#clock.sleep(pollMs, signal);
      return undefined;
    }
    this.#tasks.set(task_id, task);
    return { task_id, lease_id: task_id, workflow_id, task_details: parse(task_details), heartbeat_seconds: 3600 };
  }

  async heartbeat(): Promise<HeartbeatAnswer> {
    return { cancel: false };
  }

  async upload(task_id: string, output: OutputDescription, bytes: Blob, signal: AbortSignal): Promise<string> {
    const { erc20_address, uploadUrl = UPLOAD_URL } = this.#options;
    const first = this.#stored.get(task_id);
    if (first) return first;
    const { credential, task_type = '', workflow_id } = this.#tasks.get(task_id) ?? {};
    if (!credential)
      throw new HeuristError('The sequencer sent no storage credentials for this task.', { code: 'upload_failed' });
    const extension = output.filename.split('.').at(-1) ?? 'bin';
    const filename = `${folders[task_type] ?? task_type}/${workflow_id}-${erc20_address}-${task_id}.${extension}`;
    const file = Buffer.from(await bytes.arrayBuffer()).toString('base64');
    const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#limits.uploadMs)]);
    await this.#store(uploadUrl, JSON.stringify({ file, filename }), credential, limit);
    this.#stored.set(task_id, filename);
    return filename;
  }

  async #store(url: string, body: string, credential: Credential, signal: AbortSignal): Promise<void> {
    const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, session_token: sessionToken } = credential;
    const client = new AwsClient({
      accessKeyId,
      secretAccessKey,
      sessionToken,
      ...REGION,
      retries: this.#limits.retries,
    });
    const headers = { 'content-type': 'application/json' };
    const { ok, status } = await client.fetch(url, { method: 'POST', headers, body, signal }).catch((cause) => {
      const message = 'The file could not be stored: the storage cannot be reached.';
      throw new HeuristError(message, { code: 'upload_failed', isRetryable: true, cause });
    });
    if (ok) return;
    throw new HeuristError(`The file could not be stored: the storage returned status ${status}.`, {
      code: 'upload_failed',
      isRetryable: status >= 500,
    });
  }

  async submit(report: Report, signal: AbortSignal): Promise<void> {
    const { lease_id: task_id, success } = report;
    const body = {
      success,
      task_id,
      miner_id: this.#options.erc20_address,
      result: success ? (report.artifact_ids[0] ?? '') : '',
      inference_latency: success ? report.inference_latency : 0,
      upload_latency: success ? report.upload_latency : 0,
      msg: success ? '' : report.msg,
    };
    await this.#transport.call('miner_submit', body, z.unknown(), { signal, timeout: this.#limits.callMs });
    this.#tasks.delete(task_id);
    this.#stored.delete(task_id);
  }
}

/** The protocol has no keys and no codes: no answer to a claim can mean that this miner must end. */
function asTemporary(error: unknown): never {
  if (!HeuristError.isInstance(error)) throw error;
  const { message, code, status } = error;
  throw new HeuristError(message, { code, status, isRetryable: true, cause: error });
}

/** An object, or a JSON text of one. */
function parse(details: string | Record<string, unknown>): Record<string, unknown> {
  return typeof details === 'string' ? JSON.parse(details) : details;
}
