import type { TaskErrorInfo, TaskProgress, TaskVersions } from '@heurist/core';
import {
  createTransport,
  heartbeatReplySchema,
  minerSubmitReplySchema,
  minerTaskSchema,
  type Transport,
  uploadSlotSchema,
} from '@heurist/core/protocol';

/** A task that this miner holds. */
export interface LeasedTask {
  task_id: string;
  lease_id: string;
  workflow_id: string;
  task_details: Record<string, unknown>;
  /** Seconds between two heartbeats. */
  heartbeat_seconds: number;
  /** What its spans belong to. */
  traceparent?: string | undefined;
}

/** A task without what it is about: as its lease needs it. */
export type HeldTask = Omit<LeasedTask, 'task_details'>;

/** What is said of an output before it is sent. */
export interface OutputDescription {
  filename: string;
  kind: 'image' | 'video' | 'audio' | 'text' | 'file';
  content_type: string;
  bytes: number;
  sha256: string;
  node_id: string;
  width?: number;
  height?: number;
}

/** How a task ended. */
export type Report = { lease_id: string } & (
  | {
      success: true;
      artifact_ids: string[];
      parameters: Record<string, unknown>;
      models: Record<string, string>;
      versions: TaskVersions;
      /** Seconds. */
      inference_latency: number;
      upload_latency: number;
    }
  | { success: false; error: TaskErrorInfo; msg: string }
);

/** What a miner asks of a sequencer. */
export interface Sequencer {
  /**
   * Asks for a task, waiting a while for one.
   *
   * @param claim_id - the same again when the answer did not come: then so does the task, if there was one
   * @param lacks - why other workflows are not offered, for a sequencer that has not been told
   */
  claim(
    claim_id: string,
    workflow_ids: string[],
    lacks: Record<string, string[]> | undefined,
    signal: AbortSignal,
  ): Promise<LeasedTask | undefined>;
  /** Renews a lease. `cancel`: stop, the consumer does not want the task any more. */
  heartbeat(lease_id: string, progress: TaskProgress | undefined): Promise<{ cancel: boolean }>;
  /** Stores an output. Returns its id. */
  upload(lease_id: string, output: OutputDescription, bytes: Blob, signal: AbortSignal): Promise<string>;
  /** Reports how a task ended. Counts once, however often it is sent. */
  submit(report: Report, signal: AbortSignal): Promise<void>;
}

/** How long a claim is held open while there is nothing to do, in seconds. */
const WAIT_SECONDS = 25;

/** A sequencer of ours. */
export class SequencerClient implements Sequencer {
  readonly #transport: Transport;

  /** @param key - `minerId#key` */
  constructor(url: string, key: string, allowInsecureHttp: boolean) {
    this.#transport = createTransport(url, allowInsecureHttp, { authorization: `Bearer ${key}` });
  }

  async claim(
    claim_id: string,
    workflow_ids: string[],
    lacks: Record<string, string[]> | undefined,
    signal: AbortSignal,
  ): Promise<LeasedTask | undefined> {
    const body = { claim_id, workflow_ids, wait_seconds: WAIT_SECONDS, ...(lacks && { lacks }) };
    const options = { signal, timeout: (WAIT_SECONDS + 15) * 1000, retries: 0 };
    const { task_id, lease_id, workflow_id, ...task } = await this.#transport.call(
      'miner_request',
      body,
      minerTaskSchema,
      options,
    );
    if (!task_id || !lease_id || !workflow_id) return undefined;
    const { task_details = {}, heartbeat_seconds = 5, traceparent } = task;
    return { task_id, lease_id, workflow_id, task_details, heartbeat_seconds, traceparent };
  }

  async heartbeat(lease_id: string, progress: TaskProgress | undefined): Promise<{ cancel: boolean }> {
    const body = { lease_id, ...(progress && { progress }) };
    return await this.#transport.call('miner_heartbeat', body, heartbeatReplySchema, { timeout: 5000, retries: 0 });
  }

  async upload(lease_id: string, output: OutputDescription, bytes: Blob, signal: AbortSignal): Promise<string> {
    const slot = await this.#transport.call('miner_upload', { lease_id, ...output }, uploadSlotSchema, { signal });
    await this.#transport.put(slot.upload_url, bytes, { signal, headers: slot.upload_headers });
    return slot.artifact_id;
  }

  async submit(report: Report, signal: AbortSignal): Promise<void> {
    await this.#transport.call('miner_submit', report, minerSubmitReplySchema, { signal, timeout: 15_000 });
  }
}
