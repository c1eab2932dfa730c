import { randomUUID } from 'node:crypto';
import { HeuristError, type TaskErrorInfo, type TaskProgress, type TaskVersions } from '@heurist/core';
import {
  createTransport,
  heartbeatReplySchema,
  heartbeatsReplySchema,
  minerSubmitReplySchema,
  minerTaskSchema,
  printableLine,
  type Transport,
  uploadSlotSchema,
} from '@heurist/core/protocol';
import type { HeldModel } from '../warm/held-models.ts';

/** A task that was claimed. */
export interface LeasedTask {
  task_id: string;
  lease_id: string;
  workflow_id: string;
  task_details: Record<string, unknown>;
  /** The models that it needs; missing if none, or if the sequencer does not say. */
  model_key?: string | undefined;
  /** Seconds between two heartbeats, when the run begins. */
  heartbeat_seconds: number;
  /** The trace that its spans belong to (W3C `traceparent`). */
  traceparent?: string | undefined;
  /** Where files of the network are: its public address, and that of its storage. */
  file_origins?: string[] | undefined;
  /** How many outputs it may have; missing if the sequencer does not say. */
  max_outputs?: number | undefined;
}

/** A claimed task without its parameters: all that its lease needs. */
export type HeldTask = Omit<LeasedTask, 'task_details'>;

/** An output, as it is announced before the upload. */
export interface OutputDescription {
  filename: string;
  kind: 'image' | 'video' | 'audio' | 'text' | 'file';
  content_type: string;
  bytes: number;
  sha256: string;
  node_id: string;
  width?: number;
  height?: number;
  text?: string;
  truncated?: boolean;
}

/** How a task ended, for the sequencer. */
export type Report = { lease_id: string } & (
  | {
      success: true;
      artifact_ids: string[];
      /** The workflow made more outputs than a task can have. */
      truncated?: true;
      parameters: Record<string, unknown>;
      models: Record<string, string>;
      versions: TaskVersions;
      /** Seconds. */
      inference_latency: number;
      upload_latency: number;
      load_latency?: number;
      model_load_latency?: number;
    }
  | { success: false; error: TaskErrorInfo; msg: string }
);

/** A sign that a task is worked on. */
export interface Heartbeat {
  lease_id: string;
  progress?: TaskProgress;
}

/** What a sequencer says to it. */
export interface HeartbeatAnswer {
  /** The consumer does not want the task any more. */
  cancel: boolean;
  /** Seconds from this heartbeat to the next. Missing: as the claim said. */
  heartbeat_seconds?: number | undefined;
}

/** What a miner asks of a sequencer: the other side of the wire. */
export interface SequencerProtocol {
  /**
   * Claims a task by a long poll; `undefined` if there was none.
   *
   * @param claim_id - the same as before if no answer came: then the answer is the same, too
   * @param lacks - what is missing for the workflows that are not offered; left out if the sequencer was told already
   * @param warm - the models that the ComfyUI holds, the last used first
   */
  claim(
    claim_id: string,
    workflow_ids: string[],
    lacks: Record<string, string[]> | undefined,
    signal: AbortSignal,
    warm?: readonly HeldModel[],
  ): Promise<LeasedTask | undefined>;
  /** Renews a lease. `cancel`: the consumer does not want the task any more. */
  heartbeat(lease_id: string, progress: TaskProgress | undefined): Promise<HeartbeatAnswer>;
  /**
   * Renews many leases. Missing: each gets a heartbeat of its own.
   *
   * @param waitSeconds - how long the answer may be held while no task must stop
   * @returns what is said of each lease, in their order; `undefined` if this sequencer does not know the call
   */
  heartbeats?(
    heartbeats: readonly Heartbeat[],
    waitSeconds: number,
    signal?: AbortSignal,
  ): Promise<readonly (HeartbeatAnswer | { error: unknown })[] | undefined>;
  /** Stores an output, and returns its id. */
  upload(lease_id: string, output: OutputDescription, bytes: Blob, signal: AbortSignal): Promise<string>;
  /** Reports how a task ended. Counts once, however often it is sent. */
  submit(report: Report, signal: AbortSignal): Promise<void>;
}

/** How long calls may take. */
export interface SequencerLimits {
  /** How long a long poll is held open while there is no task, in seconds. */
  waitSeconds: number;
  /** How much longer its answer may take, in seconds. */
  graceSeconds: number;
  /** How long the answer to a heartbeat may take, in milliseconds. */
  heartbeatMs: number;
  /** How long the answer to a report may take, in milliseconds. */
  submitMs: number;
}

export const SEQUENCER_LIMITS: SequencerLimits = {
  waitSeconds: 25,
  graceSeconds: 15,
  heartbeatMs: 5000,
  submitMs: 15_000,
};

/** A sequencer holds nothing for longer. */
const MOST_WAIT_SECONDS = 60;

/** Settings of a {@link SequencerClient}. */
interface SequencerClientOptions {
  /** Allow sending the key over plain HTTP to a remote host. Default `false`. */
  allowInsecureHttp?: boolean;
  limits?: SequencerLimits;
  /** How many tasks this miner works on at the same time. Default: it does not say. */
  slots?: number;
  /** Called once with each message that says why this miner gets no tasks, or few. */
  onNotice?: (message: string) => void;
}

/** Speaks the protocol of Heurist's own sequencer. */
export class SequencerClient implements SequencerProtocol {
  readonly #transport: Transport;
  readonly #limits: SequencerLimits;
  readonly #machine: { slots?: number; machine_id?: string };
  readonly #onNotice: (message: string) => void;
  /** What the sequencer said last about tasks that it keeps from this miner. */
  #notice = '';

  /** @param key - `minerId#key` */
  constructor(url: string, key: string, options: SequencerClientOptions = {}) {
    const { allowInsecureHttp = false, limits = SEQUENCER_LIMITS, slots, onNotice = () => {} } = options;
    this.#limits = limits;
    // several machines may share a key, and one machine may have several miners
    this.#machine = slots === undefined ? {} : { slots, machine_id: randomUUID() };
    this.#onNotice = onNotice;
    const headers = { authorization: `Bearer ${key}` };
    this.#transport = createTransport(url, allowInsecureHttp, headers, { authority: 'coded' });
  }

  async claim(
    claim_id: string,
    workflow_ids: string[],
    lacks: Record<string, string[]> | undefined,
    signal: AbortSignal,
    warm?: readonly HeldModel[],
  ): Promise<LeasedTask | undefined> {
    const { waitSeconds, graceSeconds } = this.#limits;
    const told = { ...(lacks && { lacks }), ...(warm && { warm }) };
    const body = { claim_id, workflow_ids, wait_seconds: waitSeconds, ...this.#machine, ...told };
    const options = { signal, timeout: (waitSeconds + graceSeconds) * 1000, retries: 0 };
    const { task_id, lease_id, workflow_id, put_aside, msg, ...task } = await this.#transport.call(
      'miner_request',
      body,
      minerTaskSchema,
      options,
    );
    this.#tell(put_aside?.length ? printableLine(msg ?? '') : '');
    if (!task_id || !lease_id || !workflow_id) return undefined;
    const { task_details = {}, heartbeat_seconds = 5, model_key, traceparent, file_origins, max_outputs } = task;
    const about = { model_key, heartbeat_seconds, traceparent, file_origins, max_outputs };
    return { task_id, lease_id, workflow_id, task_details, ...about };
  }

  #tell(notice: string): void {
    if (notice && notice !== this.#notice) this.#onNotice(notice);
    this.#notice = notice;
  }

  async heartbeat(lease_id: string, progress: TaskProgress | undefined): Promise<HeartbeatAnswer> {
    const body = { lease_id, ...(progress && { progress }) };
    return await this.#transport.call('miner_heartbeat', body, heartbeatReplySchema, {
      timeout: this.#limits.heartbeatMs,
      retries: 0,
    });
  }

  async heartbeats(
    heartbeats: readonly Heartbeat[],
    waitSeconds: number,
    signal?: AbortSignal,
  ): Promise<readonly (HeartbeatAnswer | { error: unknown })[] | undefined> {
    const body = { heartbeats, ...(waitSeconds && { wait_seconds: Math.min(waitSeconds, MOST_WAIT_SECONDS) }) };
    const timeout = waitSeconds * 1000 + this.#limits.heartbeatMs;
    const reply = await this.#transport
      .call('miner_heartbeats', body, heartbeatsReplySchema, { timeout, retries: 0, ...(signal && { signal }) })
      .catch(undefinedIfUnknown);
    return reply?.results.map(({ error, cancel = false, heartbeat_seconds }) =>
      error ? { error: new HeuristError(error.message, error) } : { cancel, heartbeat_seconds },
    );
  }

  async upload(lease_id: string, output: OutputDescription, bytes: Blob, signal: AbortSignal): Promise<string> {
    const slot = await this.#transport.call('miner_upload', { lease_id, ...output }, uploadSlotSchema, { signal });
    await this.#transport.put(slot.upload_url, bytes, { signal, headers: slot.upload_headers });
    return slot.artifact_id;
  }

  async submit(report: Report, signal: AbortSignal): Promise<void> {
    await this.#transport.call('miner_submit', report, minerSubmitReplySchema, {
      signal,
      timeout: this.#limits.submitMs,
    });
  }
}

/** A sequencer of the version before has no such call. A proxy's page says nothing about it. */
function undefinedIfUnknown(error: unknown): undefined {
  if (!HeuristError.isInstance(error) || error.code !== 'not_found' || error.isRetryable) throw error;
}
