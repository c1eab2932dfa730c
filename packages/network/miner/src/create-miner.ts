import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ComfyClient, ComfyError } from '@heurist/comfyui';
import { HeuristError, type TaskErrorInfo } from '@heurist/core';
import { rawWorkflow, type WorkflowDefinition } from '@heurist/core/definition';
import { type Logger, silentLogger } from '@heurist/core/protocol';
import { checkWorkflows, type ServerCheck, type WorkflowCheck } from './comfyui/check-requirements.ts';
import { ComfyGuard } from './comfyui/comfy-guard.ts';
import type { InputPolicy } from './input/fetch-input.ts';
import { deliver, submit } from './output/deliver.ts';
import { isLost, keepLease, type LeaseKeeper, LeaseLostError } from './sequencer/lease-keeper.ts';
import { type HeldTask, type LeasedTask, type Sequencer, SequencerClient } from './sequencer/sequencer-client.ts';
import type { MinerState, MinerStatus } from './status/miner-status.ts';
import { traced, traceOf } from './status/tracing.ts';
import { Forecast } from './task/forecast.ts';
import { type Finished, UnderWay } from './task/in-flight.ts';
import { noJournal, openJournal } from './task/journal.ts';
import { runTask } from './task/run-task.ts';
import { faultOf, toTaskError } from './task/task-error.ts';

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
  /**
   * Node classes that consumers' own graphs may have (task type `raw`, for networks that allow it). Default none: only the
   * graphs of `workflows` are run.
   */
  rawNodes?: readonly string[];
  /** Folder where work under way is noted, so that a restart of the miner does not lose it. Default: it is not noted. */
  journal?: string;
  /**
   * Restarts the ComfyUI: called when its queue does not move any more, when the GPU's context is lost, or after a minute without
   * an answer. Not more often than every five minutes.
   */
  restartComfyui?: () => Promise<void>;
  /** A ComfyUI whose queue does not move for this long, without a sign from the graph, is stuck. Seconds, default 600. */
  stallSeconds?: number;
  /** The other side of the wire. Default: a sequencer of ours at `sequencer`. */
  protocol?: Sequencer;
  logger?: Logger;
}

/** A miner. */
export interface Miner {
  /**
   * Asks the ComfyUI what it can run, goes on with what was under way before, and begins to claim.
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
  /** What it does now, and has done. */
  status(): MinerStatus;
  /**
   * Claims no more, finishes what it has, and resolves.
   *
   * @param options - `giveBack`: graphs that have not finished are interrupted, and other miners get their tasks at once. That
   * costs a task one of its attempts. Default `false`.
   */
  stop(options?: { giveBack?: boolean }): Promise<void>;
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

/** What a task is told when its miner is stopped and does not finish it. */
const STOPPED: TaskErrorInfo = {
  code: 'miner_stopped',
  message: 'The miner was stopped. Submit the task again.',
  is_retryable: true,
};

/** Makes a miner for one ComfyUI. */
export function createMiner(options: MinerOptions): Miner {
  const { logger = silentLogger, prefetch = 1, keepMetadata = false, stallSeconds = 600 } = options;
  const comfyui = new ComfyClient({ url: options.comfyui, stallTimeout: stallSeconds * 1000 });
  const sequencer =
    options.protocol ?? new SequencerClient(options.sequencer, options.key, options.allowInsecureHttp ?? false);
  const policy: InputPolicy = {
    sequencerUrl: options.sequencer,
    allowPrivateInputs: options.allowPrivateInputs ?? false,
  };
  const rawNodes = new Set(options.rawNodes);
  const workflows = rawNodes.size ? [...options.workflows, rawWorkflow] : options.workflows;
  const journal = options.journal ? openJournal(options.journal) : noJournal;
  const underWay = new UnderWay({ comfyui, journal, workflows, logger });
  const guard = new ComfyGuard({ comfyui, restart: options.restartComfyui, logger });
  const stopping = new AbortController();
  const givingBack = new AbortController();
  for (const { signal } of [stopping, givingBack]) setMaxListeners(0, signal);
  const running = new Set<Promise<void>>();
  const deliveries = new Set<Promise<void>>();
  const forecast = new Forecast();
  const counts = { finished: 0, failed: {} as Record<string, number>, lost: 0, run_seconds: 0 };
  let waitsFor: MinerState | undefined = 'starting';
  let offer: Offer = { checks: new Map(), lacks: {}, checkedAt: 0 };
  /** A task has ended: whoever waits for that looks again. */
  let wake = () => {};
  let hasStarted = false;
  const { promise: ended, resolve: end, reject: endWithError } = Promise.withResolvers<void>();
  ended.catch(() => {});

  /** Runs one task. Its result is delivered beside the next one, so that the GPU does not wait for the upload. */
  async function work(task: LeasedTask): Promise<void> {
    const { task_id, workflow_id } = task;
    const lease = keepLease(sequencer, task);
    forecast.begin(task_id, workflow_id);
    try {
      const signal = AbortSignal.any([lease.signal, givingBack.signal]);
      const run = () => runOnce(task, lease, signal);
      const finished = await traced('run task', { task_id, workflow_id }, run, traceOf(task));
      forecast.end(task_id, true);
      guard.isWell();
      counts.run_seconds += finished.seconds;
      logger.info('graph finished', { task_id, seconds: finished.seconds });
      if (deliveries.size >= MAX_DELIVERIES) await Promise.race(deliveries);
      const delivery = handOver(task, finished, lease).finally(() => deliveries.delete(delivery));
      deliveries.add(delivery);
    } catch (error) {
      forecast.end(task_id, false);
      await giveUp(task, lease, error);
    }
  }

  /** Runs the graph of a task, unless the ComfyUI has, or had, it already. */
  async function runOnce(task: LeasedTask, lease: LeaseKeeper, signal: AbortSignal): Promise<Finished> {
    const before = await underWay.find(task, signal);
    if (before) return before;
    const check = offer.checks.get(task.workflow_id);
    if (!check) throw new ComfyError('This ComfyUI cannot run the workflow any more.', { code: 'comfyui_unreachable' });
    const startedAt = Date.now();
    let prompt_id = '';
    const run = await runTask(task, check, {
      comfyui,
      policy,
      rawNodes,
      signal,
      report(progress) {
        if (progress.percent !== undefined) forecast.progress(task.task_id, progress.percent);
        lease.report(progress);
      },
      async onPrompt(id, facts) {
        prompt_id = id;
        await underWay.note(task, { prompt_id, startedAt, run: facts });
      },
    });
    const seconds = (Date.now() - startedAt) / 1000;
    await underWay.note(task, { prompt_id, startedAt, run, seconds });
    return { run, seconds };
  }

  async function handOver(task: HeldTask, { run, seconds }: Finished, lease: LeaseKeeper): Promise<void> {
    const { task_id, lease_id } = task;
    const outputs = run.outputs.length;
    try {
      const context = { comfyui, sequencer, keepMetadata, signal: lease.signal };
      const send = () => deliver(lease_id, run, seconds, context);
      await traced('deliver outputs', { task_id, outputs }, send, traceOf(task));
      lease.release();
      counts.finished++;
      await underWay.forget(task_id);
      logger.info('task delivered', { task_id, outputs });
    } catch (error) {
      await giveUp(task, lease, error);
    }
  }

  /** Reports a failure, unless the task is not ours any more. */
  async function giveUp({ lease_id, task_id }: HeldTask, lease: LeaseKeeper, error: unknown): Promise<void> {
    if (isLost(error)) {
      counts.lost++;
      await underWay.forget(task_id, { keepsFinished: !(error instanceof LeaseLostError && error.isCanceled) });
      return logger.warn((error as Error).message, { task_id });
    }
    await underWay.forget(task_id);
    const isGivenBack = givingBack.signal.aborted && error === givingBack.signal.reason;
    const info = isGivenBack ? STOPPED : toTaskError(error);
    if (!isGivenBack) await guard.blame(faultOf(error));
    counts.failed[info.code] = (counts.failed[info.code] ?? 0) + 1;
    logger.warn('task failed', { task_id, code: info.code, reason: (error as Error).message });
    await submit(sequencer, { lease_id, success: false, error: info, msg: info.message }, lease.signal).catch(
      (failure) => logger.warn('the failure could not be reported', { task_id, message: (failure as Error).message }),
    );
    lease.release();
  }

  function begin(task: LeasedTask): void {
    const run: Promise<void> = work(task).finally(() => {
      running.delete(run);
      wake();
    });
    running.add(run);
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
    const checks = await checkWorkflows(comfyui, workflows).catch(() => undefined);
    return checks ? toOffer(checks) : { ...before, checkedAt: Date.now() };
  }

  /** Waits until there is something to offer to a sequencer, and a ComfyUI to run it. */
  async function untilReady(signal: AbortSignal): Promise<void> {
    await untilDue(signal);
    if (guard.isInDoubt) {
      waitsFor = 'waiting_for_comfyui';
      await guard.untilWorks(signal);
    }
    if (Date.now() - offer.checkedAt > CHECK_MS) offer = await checkAgain(offer);
    while (!offer.checks.size && !signal.aborted) {
      waitsFor = 'waiting_for_comfyui';
      logger.warn('this ComfyUI can run nothing any more', { comfyui: options.comfyui });
      await sleep(MAX_BACKOFF_MS, undefined, { signal }).catch(() => {});
      offer = await checkAgain(offer);
    }
    waitsFor = undefined;
  }

  async function claimAll(): Promise<void> {
    const { signal } = stopping;
    // a sequencer that was away may have forgotten
    let told: string | undefined;
    let claim_id = randomUUID();
    for (let delay = 1000; !signal.aborted; ) {
      try {
        await untilReady(signal);
        signal.throwIfAborted();
        const { checks, lacks } = offer;
        const said = JSON.stringify(lacks);
        // a task that comes while its ComfyUI fails would fail too
        const asking = new AbortController();
        guard.onDoubt = () => asking.abort();
        const either = AbortSignal.any([signal, asking.signal]);
        const task = await sequencer
          .claim(claim_id, [...checks.keys()], told === said ? undefined : lacks, either)
          .catch((error) => {
            if (!asking.signal.aborted) throw error;
          });
        if (asking.signal.aborted && !task) continue;
        claim_id = randomUUID();
        told = said;
        await underWay.clearLeftovers(task?.task_id);
        delay = 1000;
        if (task) begin(task);
      } catch (error) {
        if (signal.aborted) break;
        if (HeuristError.isInstance(error) && !error.isRetryable) throw error;
        told = undefined;
        waitsFor = 'waiting_for_sequencer';
        logger.warn('no contact with the sequencer', { message: (error as Error).message });
        await sleep(delay, undefined, { signal }).catch(() => {});
        delay = Math.min(delay * 2, MAX_BACKOFF_MS);
      }
    }
  }

  return {
    async start() {
      const checks = await checkWorkflows(comfyui, workflows);
      if (!checks.some(canRun)) throw nothingToOffer(options.comfyui, checks);
      hasStarted = true;
      offer = toOffer(checks);
      for (const task of await underWay.reopen(sequencer)) begin(task);
      claimAll().then(end, (error) => {
        logger.error('the sequencer refuses this miner', { message: error.message });
        endWithError(error);
      });
      return checks;
    },
    ended,
    status: () => ({
      comfyui: options.comfyui,
      state: stateOf(),
      offers: [...offer.checks.keys()],
      running: running.size,
      delivering: deliveries.size,
      ...counts,
      failed: { ...counts.failed },
      restarts: guard.restarts,
    }),
    async stop({ giveBack = false } = {}) {
      stopping.abort();
      if (giveBack) givingBack.abort();
      if (hasStarted) await ended.catch(() => {});
      await Promise.all(running);
      await Promise.all(deliveries);
      waitsFor = 'stopped';
    },
  };

  function stateOf(): MinerState {
    if (waitsFor === 'stopped') return waitsFor;
    if (stopping.signal.aborted) return 'stopping';
    return waitsFor ?? (running.size ? 'busy' : 'idle');
  }
}

/** What a ComfyUI can run, and what it lacks for the rest. */
interface Offer {
  checks: Map<string, ServerCheck>;
  lacks: Record<string, string[]>;
  /** Milliseconds since 1970. */
  checkedAt: number;
}

function toOffer(all: readonly ServerCheck[]): Offer {
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
