import type { ComfyClient } from '@heurist/comfyui';
import { HeuristError } from '@heurist/core';
import type { Logger } from '@heurist/core/protocol';
import { Backoff } from '@heurist/server-kit/backoff';
import type { Clock } from '@heurist/server-kit/clock';
import { messageWithAdvice } from '@heurist/server-kit/unknown-authority';
import { untraced } from '@heurist/server-kit/untraced';
import type { Report, SequencerProtocol } from '../sequencer/sequencer-client.ts';
import type { TaskRun } from '../task/run-task.ts';
import { collectOutput } from './collect-output.ts';

/** How long to persist. */
export interface Persistence {
  /** Fires when the lease is lost: until then, failed calls are retried. */
  signal: AbortSignal;
  /** Whether the sequencer does not answer at all: that time does not count, and what is finished is kept. */
  isAway(): boolean;
  clock: Clock;
  logger: Logger;
}

/** What a delivery needs. */
export interface DeliveryContext extends Persistence {
  comfyui: Pick<ComfyClient, 'view'>;
  sequencer: Pick<SequencerProtocol, 'upload' | 'submit'>;
  keepMetadata: boolean;
}

/** Delays between retries, in milliseconds: somebody waits for the result, and most outages last seconds. */
const RETRY_DELAYS = { firstMs: 1000, maxMs: 10_000 };
/** How long outputs are asked for, in milliseconds: a ComfyUI that is being restarted still has its files. */
export const COLLECT_MS = 120_000;
/** How long a result is offered to a network that answers and does not take it, in milliseconds: its storage may be down for a while. */
export const DELIVER_MS = 15 * 60_000;
/** How often a delivery that waits is logged, in milliseconds. */
export const LOG_EVERY_MS = 60_000;

/** The network does not take a result: neither the task nor this miner is at fault. */
export class DeliveryError extends HeuristError {
  static override readonly className: string = 'DeliveryError';

  constructor(minutes: number, cause: HeuristError) {
    super(`The network did not take the result for ${minutes} minutes: ${cause.message}`, {
      code: 'delivery_failed',
      isRetryable: true,
      status: cause.status,
      cause,
    });
  }
}

/**
 * Brings what a graph made from the ComfyUI to the sequencer, and reports it.
 *
 * @param seconds - how long the graph took
 * @returns how long that took, and the size of all outputs
 * @throws {DeliveryError} if the network answers, but does not take it
 */
export async function deliver(
  lease_id: string,
  run: TaskRun,
  seconds: number,
  context: DeliveryContext,
): Promise<{ seconds: number; bytes: number }> {
  const { sequencer, signal, clock } = context;
  const { outputs, ...facts } = run;
  const start = clock.now();
  const artifact_ids: string[] = [];
  let bytes = 0;
  for (const output of outputs) {
    // the name of a file may be made of what was asked for, and an instrumented fetch would export it
    const look = () => untraced(() => collectOutput(output, context, signal));
    const { blob, description } = await collect(look, context);
    bytes += blob.size;
    artifact_ids.push(await handOver(() => sequencer.upload(lease_id, description, blob, signal), context));
  }
  const latencies = { inference_latency: seconds, upload_latency: (clock.now() - start) / 1000 };
  await submit(sequencer, { lease_id, success: true, artifact_ids, ...facts, ...latencies }, context);
  return { seconds: latencies.upload_latency, bytes };
}

/**
 * Reports how a task ended, until that is acknowledged or the lease is lost.
 *
 * @throws {DeliveryError} if the network answers, but does not take it
 */
export async function submit(
  sequencer: Pick<SequencerProtocol, 'submit'>,
  report: Report,
  persistence: Persistence,
): Promise<void> {
  await handOver(() => sequencer.submit(report, persistence.signal), persistence);
}

async function collect<T>(call: () => Promise<T>, persistence: Persistence): Promise<T> {
  return await persist(
    call,
    persistence,
    COLLECT_MS,
    () => false,
    (error) => error,
  );
}

/** The work of a GPU is not thrown away because a network is down. */
async function handOver<T>(call: () => Promise<T>, persistence: Persistence): Promise<T> {
  const fail = (error: HeuristError) => new DeliveryError(DELIVER_MS / 60_000, error);
  return await persist(call, persistence, DELIVER_MS, persistence.isAway, fail);
}

/** Retries as long as that may help, for `forMs` milliseconds at most, without those in which nobody answers. */
async function persist<T>(
  call: () => Promise<T>,
  { signal, clock, logger }: Persistence,
  forMs: number,
  isAway: () => boolean,
  fail: (error: HeuristError) => Error,
): Promise<T> {
  const begin = clock.now();
  let start = begin;
  let loggedAt = Number.NEGATIVE_INFINITY;
  for (const backoff = new Backoff(RETRY_DELAYS); ; ) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (!HeuristError.isInstance(error) || !error.isRetryable) throw error;
      const now = clock.now();
      if (isAway()) start = now;
      if (now - start >= forMs) throw fail(error);
      if (now - loggedAt >= LOG_EVERY_MS) {
        logger.warn('the delivery waits', {
          code: error.code,
          message: messageWithAdvice(error),
          seconds: (now - begin) / 1000,
        });
        loggedAt = now;
      }
      await clock.sleep(backoff.next(), signal);
      signal.throwIfAborted();
    }
  }
}
