import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ComfyClient } from '@heurist/comfyui';
import { HeuristError } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { type Logger, silentLogger } from '@heurist/core/protocol';
import { checkWorkflows, type WorkflowCheck } from './check-requirements.ts';
import type { InputPolicy } from './fetch-input.ts';
import { Forecast } from './forecast.ts';
import { keepLease, type LeaseKeeper, LeaseLostError } from './lease-keeper.ts';
import { collectOutput, type RunContext, runTask, type TaskRun } from './run-task.ts';
import { type LeasedTask, type Report, SequencerClient } from './sequencer-client.ts';
import { toTaskError } from './task-error.ts';
import { traced, traceOf } from './tracing.ts';

/** Settings of a miner. */
export interface MinerOptions {
  /** Address of the sequencer. */
  sequencer: string;
  /** `minerId#key`, from the sequencer's operator. */
  key: string;
  /** Address of the ComfyUI. */
  comfyui: string;
  /** What it may be asked to run. Only what this ComfyUI can run is offered. */
  workflows: readonly WorkflowDefinition[];
  /** Fetch inputs from private networks too. Default `false`; the sequencer's own files are always fetched. */
  allowPrivateInputs?: boolean;
  /**
   * How many tasks are claimed ahead, so that their inputs are there and they wait in ComfyUI's own queue when the GPU
   * gets free. Not before the running ones are about to end: until then another miner may be free. 0 claims none.
   * Default 1.
   */
  prefetch?: number;
  /**
   * Leave the graph, and with it the prompt, in the files that ComfyUI made. Default `false`: whoever gets a picture does not
   * get the words that made it.
   */
  keepMetadata?: boolean;
  /** Show the key over plain http to a host that is not this machine. Default `false`. */
  allowInsecureHttp?: boolean;
  logger?: Logger;
}

/** A miner. */
export interface Miner {
  /**
   * Asks the ComfyUI what it can run, and begins to claim.
   *
   * @returns what was found for each workflow
   * @throws {HeuristError} when the ComfyUI cannot be reached, or can run none of the workflows
   */
  start(): Promise<WorkflowCheck[]>;
  /**
   * Settles when the miner claims no more: resolves after `stop()`.
   *
   * @throws {HeuristError} when the sequencer refuses the miner, such as `unauthorized` for a key that is not good
   */
  readonly ended: Promise<void>;
  /** Claims no more, finishes what it has, and resolves. */
  stop(): Promise<void>;
}

/** A task is claimed ahead when those that run will have ended after so long. */
const AHEAD_MS = 5000;
/** How often it is looked whether that is so. */
const LOOK_MS = 50;
/** How often the ComfyUI is asked again what it can run: models come and go. */
const CHECK_MS = 5 * 60_000;
/** A result may be on its way up while the next graph runs; more would pile up in memory. */
const MAX_DELIVERIES = 2;
const MAX_BACKOFF_MS = 30_000;

/** Makes a miner for one ComfyUI. */
export function createMiner(options: MinerOptions): Miner {
  const { logger = silentLogger, prefetch = 1, keepMetadata = false } = options;
  const comfyui = new ComfyClient({ url: options.comfyui });
  const sequencer = new SequencerClient(options.sequencer, options.key, options.allowInsecureHttp ?? false);
  const policy: InputPolicy = {
    sequencerUrl: options.sequencer,
    allowPrivateInputs: options.allowPrivateInputs ?? false,
  };
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const running = new Set<Promise<void>>();
  const deliveries = new Set<Promise<void>>();
  const forecast = new Forecast();
  /** A task has ended: whoever waits for that looks again. */
  let wake = () => {};
  let hasStarted = false;
  let isComfyInDoubt = false;
  const { promise: ended, resolve: end, reject: endWithError } = Promise.withResolvers<void>();
  ended.catch(() => {});

  /** Runs one task. Its result is delivered beside the next one, so that the GPU does not wait for the upload. */
  async function work(task: LeasedTask, check: WorkflowCheck): Promise<void> {
    const lease = keepLease(sequencer, task);
    const start = Date.now();
    try {
      const { task_id, workflow_id } = task;
      forecast.begin(task_id, workflow_id);
      const report: RunContext['report'] = (progress) => {
        if (progress.percent !== undefined) forecast.progress(task_id, progress.percent);
        lease.report(progress);
      };
      const run = await traced(
        'run task',
        { task_id, workflow_id },
        () => runTask(task, check, { comfyui, policy, signal: lease.signal, report }),
        traceOf(task),
      );
      forecast.end(task_id, true);
      const seconds = (Date.now() - start) / 1000;
      logger.info('graph finished', { task_id: task.task_id, seconds });
      if (deliveries.size >= MAX_DELIVERIES) await Promise.race(deliveries);
      const delivery = traced(
        'deliver outputs',
        { task_id, outputs: run.outputs.length },
        () => deliver(task, run, seconds, lease),
        traceOf(task),
      ).finally(() => deliveries.delete(delivery));
      deliveries.add(delivery);
    } catch (error) {
      forecast.end(task.task_id, false);
      await giveUp(task, lease, error);
    }
  }

  async function deliver(
    { lease_id, task_id }: LeasedTask,
    { outputs, parameters, models }: TaskRun,
    inference_latency: number,
    lease: LeaseKeeper,
  ): Promise<void> {
    const start = Date.now();
    try {
      const artifact_ids: string[] = [];
      for (const output of outputs) {
        const { blob, description } = await collectOutput(output, { comfyui, keepMetadata }, lease.signal);
        artifact_ids.push(await sequencer.upload(lease_id, description, blob, lease.signal));
      }
      const upload_latency = (Date.now() - start) / 1000;
      const report = { lease_id, artifact_ids, parameters, models, inference_latency, upload_latency };
      await submit({ ...report, success: true }, lease.signal);
      lease.release();
      logger.info('task delivered', { task_id, outputs: outputs.length });
    } catch (error) {
      await giveUp({ lease_id, task_id }, lease, error);
    }
  }

  /** Reports a failure, unless the task is not ours any more. */
  async function giveUp(
    { lease_id, task_id }: Pick<LeasedTask, 'lease_id' | 'task_id'>,
    lease: LeaseKeeper,
    error: unknown,
  ): Promise<void> {
    if (error instanceof LeaseLostError) return logger.warn(error.message, { task_id });
    const info = toTaskError(error);
    isComfyInDoubt ||= info.code === 'comfyui_failed';
    logger.warn('task failed', { task_id, code: info.code, reason: (error as Error).message });
    await submit({ lease_id, success: false, error: info, msg: info.message }, lease.signal).catch((failure) =>
      logger.warn('the failure could not be reported', { task_id, message: (failure as Error).message }),
    );
    lease.release();
  }

  /** Until it is acknowledged, or the lease is lost. */
  async function submit(report: Report, signal: AbortSignal): Promise<void> {
    for (let delay = 1000; ; delay = Math.min(delay * 2, MAX_BACKOFF_MS)) {
      try {
        return await sequencer.submit(report, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!HeuristError.isInstance(error) || !error.isRetryable) throw error;
        await sleep(delay, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    }
  }

  /**
   * Waits until ComfyUI answers and its queue has moved on. Claiming before would use up the attempts of one task after
   * the other within seconds.
   */
  async function untilComfyWorks(signal: AbortSignal): Promise<void> {
    logger.warn('waiting for ComfyUI', { comfyui: options.comfyui });
    const headOf = async () => (await comfyui.queue(signal)).running[0];
    let stuck = await headOf().catch(() => undefined);
    for (let delay = 1000; !signal.aborted; delay = Math.min(delay * 2, MAX_BACKOFF_MS)) {
      try {
        const head = await headOf();
        if (head === undefined || head !== stuck) break;
      } catch {
        stuck = undefined;
      }
      await sleep(delay, undefined, { signal }).catch(() => {});
    }
    isComfyInDoubt = false;
  }

  /** Waits until another task should be claimed: nothing runs, or what runs is about to end. */
  async function untilDue(signal: AbortSignal): Promise<void> {
    const isDue = () => running.size === 0 || (running.size <= prefetch && forecast.remainingMs() <= AHEAD_MS);
    while (!signal.aborted && !isDue()) {
      // a race with the tasks themselves would add to each of them, at each look, for as long as it runs
      const ended = new AbortController();
      wake = () => ended.abort();
      await sleep(LOOK_MS, undefined, { signal: ended.signal }).catch(() => {});
    }
  }

  /** What the ComfyUI can run now; what it could before, where it does not answer. */
  async function checkAgain(before: Offer): Promise<Offer> {
    const checks = await checkWorkflows(comfyui, options.workflows).catch(() => undefined);
    return checks ? toOffer(checks) : { ...before, checkedAt: Date.now() };
  }

  async function claimAll(first: Offer): Promise<void> {
    const { signal } = stopping;
    let offer = first;
    // a sequencer that was away may have forgotten
    let told: string | undefined;
    let claim_id = randomUUID();
    for (let delay = 1000; !signal.aborted; ) {
      try {
        await untilDue(signal);
        if (isComfyInDoubt) await untilComfyWorks(signal);
        if (Date.now() - offer.checkedAt > CHECK_MS) offer = await checkAgain(offer);
        const lacks = JSON.stringify(offer.lacks);
        const workflow_ids = [...offer.checks.keys()];
        if (!workflow_ids.length) {
          logger.warn('this ComfyUI can run nothing any more', { comfyui: options.comfyui });
          await sleep(MAX_BACKOFF_MS, undefined, { signal }).catch(() => {});
          offer = await checkAgain(offer);
          continue;
        }
        const task = await sequencer.claim(claim_id, workflow_ids, told === lacks ? undefined : offer.lacks, signal);
        claim_id = randomUUID();
        told = lacks;
        delay = 1000;
        const check = task && offer.checks.get(task.workflow_id);
        if (!check) continue;
        const run: Promise<void> = work(task, check).finally(() => {
          running.delete(run);
          wake();
        });
        running.add(run);
      } catch (error) {
        if (signal.aborted) break;
        if (HeuristError.isInstance(error) && !error.isRetryable) throw error;
        told = undefined;
        logger.warn('no contact with the sequencer', { message: (error as Error).message });
        await sleep(delay, undefined, { signal }).catch(() => {});
        delay = Math.min(delay * 2, MAX_BACKOFF_MS);
      }
    }
  }

  return {
    async start() {
      const checks = await checkWorkflows(comfyui, options.workflows);
      if (!checks.some(canRun)) throw nothingToOffer(options.comfyui, checks);
      hasStarted = true;
      claimAll(toOffer(checks)).then(end, (error) => {
        logger.error('the sequencer refuses this miner', { message: error.message });
        endWithError(error);
      });
      return checks;
    },
    ended,
    async stop() {
      stopping.abort();
      if (hasStarted) await ended.catch(() => {});
      await Promise.all(running);
      await Promise.all(deliveries);
    },
  };
}

/** What a ComfyUI can run, and what it lacks for the rest. */
interface Offer {
  checks: Map<string, WorkflowCheck>;
  lacks: Record<string, string[]>;
  /** Milliseconds since 1970. */
  checkedAt: number;
}

function toOffer(all: readonly WorkflowCheck[]): Offer {
  const missing = all.filter((check) => !canRun(check));
  return {
    checks: new Map(all.filter(canRun).map((check) => [check.workflow_id, check])),
    lacks: Object.fromEntries(missing.map(({ workflow_id, missing }) => [workflow_id, missing])),
    checkedAt: Date.now(),
  };
}

const canRun = ({ missing }: WorkflowCheck) => missing.length === 0;

function nothingToOffer(url: string, checks: WorkflowCheck[]): HeuristError {
  const lines = checks.map(({ workflow_id, missing }) => `${workflow_id} lacks ${missing.join(', ')}`);
  return new HeuristError(`The ComfyUI at ${url} can run none of these workflows:\n${lines.join('\n')}`, {
    code: 'invalid_configuration',
  });
}
