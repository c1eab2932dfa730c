import type { ComfyClient } from '@heurist/comfyui';
import { HeuristError } from '@heurist/core';
import type { Logger } from '@heurist/core/protocol';
import { Backoff } from '@heurist/server-kit/backoff';
import type { Clock } from '@heurist/server-kit/clock';
import type { Report, SequencerProtocol } from '../sequencer/sequencer-client.ts';
import type { TaskRun } from '../task/run-task.ts';
import { collectOutput } from './collect-output.ts';

/** How long to persist. */
export interface Persistence {
  /** Fires when the lease is lost: until then, failed calls are retried. */
  signal: AbortSignal;
  clock: Clock;
  logger: Logger;
}

/** What a delivery needs. */
export interface DeliveryContext extends Persistence {
  comfyui: Pick<ComfyClient, 'view'>;
  sequencer: Pick<SequencerProtocol, 'upload' | 'submit'>;
  keepMetadata: boolean;
}

/** Delays between retries, in milliseconds. */
const RETRY_DELAYS = { firstMs: 1000, maxMs: 30_000 };
/** How long outputs are asked for, in milliseconds: a ComfyUI that is being restarted still has its files. */
export const COLLECT_MS = 120_000;
/** How long refusals without a code of the protocol are retried, in milliseconds: a proxy may be set up wrong for a while. */
export const REFUSED_MS = 15 * 60_000;

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
  const { sequencer, signal, clock } = context;
  const { outputs, ...facts } = run;
  const start = clock.now();
  const artifact_ids: string[] = [];
  for (const output of outputs) {
    const { blob, description } = await persist(() => collectOutput(output, context, signal), context, COLLECT_MS);
    artifact_ids.push(await persist(() => sequencer.upload(lease_id, description, blob, signal), context));
  }
  const latencies = { inference_latency: seconds, upload_latency: (clock.now() - start) / 1000 };
  await submit(sequencer, { lease_id, success: true, artifact_ids, ...facts, ...latencies }, context);
}

/** Reports how a task ended, until that is acknowledged or the lease is lost. */
export async function submit(
  sequencer: Pick<SequencerProtocol, 'submit'>,
  report: Report,
  persistence: Persistence,
): Promise<void> {
  await persist(() => sequencer.submit(report, persistence.signal), persistence);
}

/** Retries as long as that may help: the work of a GPU is not thrown away because a network is down. */
async function persist<T>(
  call: () => Promise<T>,
  { signal, clock, logger }: Persistence,
  forMs = Number.POSITIVE_INFINITY,
): Promise<T> {
  const start = clock.now();
  for (const backoff = new Backoff(RETRY_DELAYS); ; ) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      const limit = isRefused(error) ? Math.min(forMs, REFUSED_MS) : forMs;
      const mayHelp = HeuristError.isInstance(error) && error.isRetryable && clock.now() - start < limit;
      if (!mayHelp) throw error;
      logger.warn('the delivery waits', { code: error.code, message: error.message });
      await clock.sleep(backoff.next(), signal);
      signal.throwIfAborted();
    }
  }
}

function isRefused(error: unknown): boolean {
  const status = (HeuristError.isInstance(error) && error.status) || 0;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
