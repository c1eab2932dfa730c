import { setTimeout as sleep } from 'node:timers/promises';
import type { ComfyClient } from '@heurist/comfyui';
import { HeuristError } from '@heurist/core';
import type { Report, Sequencer } from '../sequencer/sequencer-client.ts';
import { collectOutput, type TaskRun } from '../task/run-task.ts';

/** What delivering needs. */
export interface DeliveryContext {
  comfyui: ComfyClient;
  sequencer: Sequencer;
  keepMetadata: boolean;
  /** Fires when the lease is lost: until then it is tried. */
  signal: AbortSignal;
}

const MAX_BACKOFF_MS = 30_000;
/** A ComfyUI that is being restarted still has its files. */
const COLLECT_MS = 120_000;

/**
 * Brings what a graph made from the ComfyUI to the sequencer, and reports it.
 *
 * @param seconds - how long the graph took
 */
export async function deliver(
  lease_id: string,
  run: TaskRun,
  seconds: number,
  context: DeliveryContext,
): Promise<void> {
  const { sequencer, signal } = context;
  const { outputs, ...facts } = run;
  const start = Date.now();
  const artifact_ids: string[] = [];
  for (const output of outputs) {
    const { blob, description } = await persist(() => collectOutput(output, context, signal), signal, COLLECT_MS);
    artifact_ids.push(await persist(() => sequencer.upload(lease_id, description, blob, signal), signal));
  }
  const latencies = { inference_latency: seconds, upload_latency: (Date.now() - start) / 1000 };
  await submit(sequencer, { lease_id, success: true, artifact_ids, ...facts, ...latencies }, signal);
}

/** Reports how a task ended, until that is acknowledged or the lease is lost. */
export async function submit(sequencer: Sequencer, report: Report, signal: AbortSignal): Promise<void> {
  await persist(() => sequencer.submit(report, signal), signal);
}

/** Tries again as long as it may help: work of a GPU is not given up for a network that is away. */
async function persist<T>(call: () => Promise<T>, signal: AbortSignal, forMs = Number.POSITIVE_INFINITY): Promise<T> {
  const start = Date.now();
  for (let delay = 1000; ; delay = Math.min(delay * 2, MAX_BACKOFF_MS)) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      const mayHelp = HeuristError.isInstance(error) && error.isRetryable && Date.now() - start < forMs;
      if (!mayHelp) throw error;
      await sleep(delay, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
