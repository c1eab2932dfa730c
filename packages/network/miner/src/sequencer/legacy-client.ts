import { setTimeout as sleep } from 'node:timers/promises';
import { HeuristError } from '@heurist/core';
import { createTransport, type Transport } from '@heurist/core/protocol';
import { AwsClient } from 'aws4fetch';
import * as z from 'zod/mini';
import type { LeasedTask, OutputDescription, Report, Sequencer } from './sequencer-client.ts';

/** Settings of {@link createLegacyProtocol}. */
export interface LegacyOptions {
  /** Address of the sequencer. */
  sequencer: string;
  /** The miner's wallet, by which the network knows and pays it. */
  erc20_address: string;
  /** Where files are stored. Default: where the reference miner stores them. */
  uploadUrl?: string;
  /** How often it asks for a task, in milliseconds. Default 2000, as the reference miner. */
  pollMs?: number;
  /** Talk plain http to a host that is not this machine. Default `false`. */
  allowInsecureHttp?: boolean;
}

/** Of `comfyui-miner-release`, as are all other facts here. */
const UPLOAD_URL = 'https://1ukui6ppcf.execute-api.us-east-1.amazonaws.com/dev/upload-video';
const REGION = { service: 'execute-api', region: 'us-east-1' };

/** Where files of a task type are kept. */
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

/**
 * The protocol of the reference miner, for a reference sequencer. It has neither keys nor leases: nothing proves that a task is
 * ours, a cancel does not reach us, progress is not told, and only the first output goes up.
 */
export function createLegacyProtocol(options: LegacyOptions): Sequencer {
  return new LegacyClient(options);
}

class LegacyClient implements Sequencer {
  readonly #transport: Transport;
  readonly #options: LegacyOptions;
  /** The tasks at hand: what they came with is needed to store and report them. */
  readonly #tasks = new Map<string, Task>();
  /** Task -> its first file. There is no place for others. */
  readonly #stored = new Map<string, string>();

  constructor(options: LegacyOptions) {
    const { sequencer, erc20_address, allowInsecureHttp = false } = options;
    if (!/^0x[0-9a-fA-F]{40}$/.test(erc20_address))
      throw new HeuristError(`"${erc20_address}" is no wallet address: 0x and 40 digits.`, {
        code: 'invalid_configuration',
      });
    this.#transport = createTransport(sequencer, allowInsecureHttp);
    this.#options = options;
  }

  async claim(
    _claim_id: string,
    workflow_ids: string[],
    _lacks: Record<string, string[]> | undefined,
    signal: AbortSignal,
  ): Promise<LeasedTask | undefined> {
    const { erc20_address, pollMs = 2000 } = this.#options;
    const call = { signal, timeout: 10_000, retries: 3 };
    const task = await this.#transport.call('miner_request', { erc20_address, workflow_ids }, taskSchema, call);
    const { task_id, workflow_id, task_details = {}, msg } = task;
    // that a task is still with us is said in words
    if (!task_id || !workflow_id || msg?.includes('running')) {
      await sleep(pollMs, undefined, { signal }).catch(() => {});
      return undefined;
    }
    this.#tasks.set(task_id, task);
    return { task_id, lease_id: task_id, workflow_id, task_details: parse(task_details), heartbeat_seconds: 3600 };
  }

  async heartbeat(): Promise<{ cancel: boolean }> {
    return { cancel: false };
  }

  async upload(task_id: string, output: OutputDescription, bytes: Blob, signal: AbortSignal): Promise<string> {
    const { erc20_address, uploadUrl = UPLOAD_URL } = this.#options;
    const first = this.#stored.get(task_id);
    if (first) return first;
    const { credential, task_type = '', workflow_id } = this.#tasks.get(task_id) ?? {};
    if (!credential)
      throw new HeuristError('Missing credentials: the sequencer gave none for this task.', { code: 'upload_failed' });
    const extension = output.filename.split('.').at(-1) ?? 'bin';
    const filename = `${folders[task_type] ?? task_type}/${workflow_id}-${erc20_address}-${task_id}.${extension}`;
    const file = Buffer.from(await bytes.arrayBuffer()).toString('base64');
    const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, session_token: sessionToken } = credential;
    const client = new AwsClient({ accessKeyId, secretAccessKey, sessionToken, ...REGION, retries: 3 });
    const headers = { 'content-type': 'application/json' };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(300_000)]);
    const response = await client
      .fetch(uploadUrl, { method: 'POST', headers, body: JSON.stringify({ file, filename }), signal: limit })
      .catch((cause) => {
        throw new HeuristError('The file could not be stored.', { code: 'upload_failed', isRetryable: true, cause });
      });
    if (response.ok) {
      this.#stored.set(task_id, filename);
      return filename;
    }
    const { status } = response;
    throw new HeuristError(`The file could not be stored (status ${status}).`, {
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
    await this.#transport.call('miner_submit', body, z.unknown(), { signal, timeout: 10_000 });
    this.#tasks.delete(task_id);
    this.#stored.delete(task_id);
  }
}

/** An object, or a JSON text of one. */
function parse(details: string | Record<string, unknown>): Record<string, unknown> {
  return typeof details === 'string' ? JSON.parse(details) : details;
}
