import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { type ComfyClient, ComfyError } from '@heurist/comfyui';
import type { TaskErrorInfo } from '@heurist/core';
import { type Logger, printableLine } from '@heurist/core/protocol';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { Wakeup } from '@heurist/server-kit/wakeup';
import type { ServerCheck } from './comfyui/check-requirements.ts';
import type { Cleaner, Remains } from './comfyui/cleaner.ts';
import type { ComfyGuard } from './comfyui/comfy-guard.ts';
import type { Offers } from './comfyui/offers.ts';
import { InputError } from './input/input-error.ts';
import type { InputPolicy } from './input/input-policy.ts';
import { deliver, submit } from './output/deliver.ts';
import { Slots } from './output/slots.ts';
import { Heartbeats } from './sequencer/heartbeats.ts';
import { isLost, type LeaseKeeper, LeaseLostError } from './sequencer/lease-keeper.ts';
import type { HeldTask, LeasedTask, SequencerProtocol } from './sequencer/sequencer-client.ts';
import { LoadTimer } from './status/load-timer.ts';
import { Tally } from './status/tally.ts';
import { traced, traceOf } from './status/tracing.ts';
import { Forecast } from './task/forecast.ts';
import type { Finished, InFlight } from './task/in-flight.ts';
import { reasonOf } from './task/log-reason.ts';
import { runTask } from './task/run-task.ts';
import { type Fault, faultOf, toTaskError } from './task/task-error.ts';
import type { HeldModels } from './warm/held-models.ts';
import { ReadyTimer } from './warm/ready-timer.ts';

/** What a runner works with. */
export interface TaskRunnerOptions {
  comfyui: ComfyClient;
  sequencer: SequencerProtocol;
  offers: Pick<Offers, 'find'>;
  guard: Pick<ComfyGuard, 'recordSuccess' | 'recordFailure'>;
  inFlight: InFlight;
  cleaner: Cleaner;
  policy: InputPolicy;
  /** Classes that a consumer's own graph may have. */
  rawNodes: ReadonlySet<string>;
  /** How many tasks are claimed ahead. */
  prefetch: number;
  models: HeldModels;
  keepMetadata: boolean;
  logger: Logger;
  clock?: Clock;
}

/** The next task is claimed when those that run will have ended within this time, in milliseconds. */
const AHEAD_MS = 5000;
/** How often the forecast is looked at, in milliseconds. */
export const LOOK_MS = 50;
/** Tasks that wait for slow inputs hold up nobody, but each is a lease and a file in memory. */
export const MAX_ASIDE = 8;
/** A result may go up while the next graph runs; more would pile up in memory. */
export const MAX_DELIVERIES = 2;

/** The error of a task that has waited longest for its inputs when others need its place. */
const tooSlow = () =>
  new InputError(
    'input_unreachable',
    'The input files came too slowly: other tasks need the place. Use a faster server, or upload the files first with heurist.workflow.uploadFile().',
  );

/** After a failure of these kinds, the models are unloaded, or may be gone with their process. */
const UNLOADING: readonly Fault[] = ['memory', 'comfyui', 'broken'];

/** The error of a task whose miner is stopped before it is done. */
const STOPPED: TaskErrorInfo = {
  code: 'miner_stopped',
  message: 'The miner was stopped. Submit the task again.',
  is_retryable: true,
};

const asError = (thrown: unknown) => (thrown instanceof Error ? thrown : new Error(`${thrown}`));

/** Runs tasks on a ComfyUI and hands their outputs over. */
export class TaskRunner {
  readonly tally = new Tally();
  readonly #options: TaskRunnerOptions;
  readonly #clock: Clock;
  readonly #running = new Set<Promise<void>>();
  readonly #deliveries = new Slots(MAX_DELIVERIES);
  readonly #forecast: Forecast;
  readonly #heartbeats: Heartbeats;
  /** By lease: gives up the inputs of a task. */
  readonly #inputs = new Map<string, AbortController>();
  /** By lease: what its run has left in the ComfyUI. */
  readonly #remains = new Map<string, Remains>();
  readonly #givingBack = new AbortController();
  /** Wakes those who wait for a task to end. */
  readonly #ended = new Wakeup();

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#heartbeats = new Heartbeats(options.sequencer, this.#clock);
    this.#forecast = new Forecast(() => this.#clock.now());
    setMaxListeners(0, this.#givingBack.signal);
  }

  /** Tasks that run or wait in the ComfyUI. */
  get running(): number {
    return this.#running.size;
  }

  /** Tasks whose outputs are going up. */
  get delivering(): number {
    return this.#deliveries.taken;
  }

  /** Starts a task. Whatever goes wrong, it is settled: a rejection that nobody handles would end the process and all its tasks. */
  begin(task: LeasedTask): void {
    const depth = task.model_key ? this.#options.models.use(task.model_key) : undefined;
    const run: Promise<void> = this.#run(task, depth)
      .catch((error) => this.#drop(task, error))
      .finally(() => {
        this.#running.delete(run);
        this.#ended.wake();
      });
    this.#running.add(run);
  }

  /** Its lease ends, and another miner gets it. */
  #drop({ task_id }: HeldTask, error: unknown): void {
    this.#options.logger.error('a task was dropped', { task_id, message: reasonOf(asError(error)) });
  }

  /** Waits until another task should be claimed: nothing runs, or what runs is about to end. Slow inputs hold up nothing. */
  async untilDue(signal: AbortSignal): Promise<void> {
    for (;;) {
      while (!signal.aborted && !this.#isDue()) await this.#clock.sleep(LOOK_MS, this.#ended.signal);
      const { aside } = this.#forecast;
      if (signal.aborted || aside.length < MAX_ASIDE) return;
      this.#inputs.get(aside[0]!)?.abort(tooSlow());
      await this.#clock.sleep(LOOK_MS, this.#ended.signal);
    }
  }

  /** Interrupts the graphs that run, and returns their tasks to the sequencer. */
  giveBack(): void {
    this.#givingBack.abort();
  }

  /** Resolves when everything that was begun has ended and was handed over. */
  async drain(): Promise<void> {
    await Promise.all(this.#running);
    await this.#deliveries.drain();
    await this.#options.cleaner.drain();
  }

  #isDue(): boolean {
    const near = this.#running.size - this.#forecast.aside.length;
    return near === 0 || (near <= this.#options.prefetch && this.#forecast.remainingMs() <= AHEAD_MS);
  }

  /** Runs one task. Its result is delivered beside the next one, so that the GPU does not wait for the upload. */
  async #run(task: LeasedTask, depth: number | undefined): Promise<void> {
    const { guard, logger } = this.#options;
    const { task_id, lease_id, workflow_id } = task;
    const lease = this.#heartbeats.keep(task);
    this.#forecast.begin(lease_id, workflow_id);
    try {
      const run = () => this.#runGraph(task, lease, depth);
      const finished = await traced('run task', { task_id, workflow_id }, run, traceOf(task));
      this.#forecast.end(lease_id, true);
      guard.recordSuccess();
      this.tally.addRunSeconds(finished.seconds);
      logger.info('graph finished', { task_id, seconds: finished.seconds });
      await this.#deliveries.take(() =>
        this.#handOver(task, finished, lease).catch((error) => this.#drop(task, error)),
      );
    } catch (error) {
      this.#forecast.end(lease_id, false);
      await this.#settleFailure(task, lease, error);
    }
  }

  /** Runs the graph of a task, unless the ComfyUI has, or had, it already. */
  async #runGraph(task: LeasedTask, lease: LeaseKeeper, depth: number | undefined): Promise<Finished> {
    const { inFlight, offers } = this.#options;
    const { lease_id, workflow_id } = task;
    const signal = AbortSignal.any([lease.signal, this.#givingBack.signal]);
    const before = await inFlight.resume(task, signal, (remains) => {
      this.#remains.set(lease_id, remains);
      this.#forecast.queue(lease_id);
    });
    if (before) return before;
    this.#remains.delete(lease_id);
    this.#forecast.begin(lease_id, workflow_id);
    const check = offers.find(workflow_id);
    if (!check) throw new ComfyError('This ComfyUI can no longer run the workflow.', { code: 'comfyui_unreachable' });
    return await this.#runAnew(task, check, lease, { signal, depth });
  }

  async #runAnew(
    task: LeasedTask,
    check: ServerCheck,
    lease: LeaseKeeper,
    { signal, depth }: { signal: AbortSignal; depth: number | undefined },
  ): Promise<Finished> {
    const { inFlight, cleaner, logger } = this.#options;
    const { task_id, lease_id } = task;
    const startedAt = this.#clock.now();
    const inputs: string[] = [];
    let remains: Remains = { task_id, prompt_id: '', inputs, folders: [], startedAt };
    const note = async (rest: Parameters<InFlight['note']>[1]) => {
      remains = rest.remains;
      this.#remains.set(lease_id, remains);
      await inFlight.note(task, rest);
    };
    const tooSlow = new AbortController();
    this.#inputs.set(lease_id, tooSlow);
    const load = new LoadTimer(this.#clock);
    const ready = new ReadyTimer(this.#clock);
    const outcome = await runTask(task, check, {
      ...this.#options,
      signal,
      inputSignal: tooSlow.signal,
      inputSalt: cleaner.removesFiles ? randomUUID() : '',
      report: (progress) => {
        if (progress.node !== undefined) {
          load.enter(progress.node);
          ready.enter(progress.node);
        }
        if (progress.percent !== undefined) this.#forecast.recordProgress(lease_id, progress.percent);
        lease.report(progress);
      },
      onFetch: () => {
        load.begin();
        this.#forecast.fetch(lease_id);
      },
      onHidden: (host, address) => {
        const message =
          'an input was refused: its address is not public. If it is yours, allow it with --private-hosts';
        logger.warn(message, { task_id, host: printableLine(host, 200), ...(address && { address }) });
      },
      onInput: async (name, bytes) => {
        this.tally.addInput(bytes);
        inputs.push(name);
        await note({ remains, run: { parameters: {}, models: {}, versions: check.versions } });
      },
      onPrompt: async ({ prompt_id, folders, run }) => {
        load.pause();
        this.#forecast.queue(lease_id);
        await note({ remains: { ...remains, prompt_id, folders }, run });
      },
      onStart: () => ready.start(),
      onStep: () => ready.step(),
      onInterrupted: () => {
        logger.warn('somebody interrupted the graph: it runs again', { task_id });
        // the next prompt needs the inputs
        cleaner.clear({ ...remains, inputs: [] });
      },
    }).finally(() => {
      load.pause();
      this.tally.addLoadSeconds(load.seconds);
      this.#inputs.delete(lease_id);
    });
    const run = { ...outcome, load_latency: load.seconds, ...this.#learnModels(task, depth, ready) };
    const seconds = (this.#clock.now() - startedAt) / 1000;
    await note({ remains, run, seconds });
    return { run, seconds, remains };
  }

  /** What a run says about the models that it needs. */
  #learnModels(
    { model_key, workflow_id }: LeasedTask,
    depth: number | undefined,
    ready: ReadyTimer,
  ): { model_load_latency?: number } {
    const times = ready.end();
    if (!model_key || !times) return {};
    const load_ms = this.#options.models.record({ key: model_key, workflow_id, depth, ...times });
    if (load_ms === undefined) return {};
    if (load_ms > 0) this.tally.addLoad(load_ms / 1000);
    return { model_load_latency: load_ms / 1000 };
  }

  /** Nothing of an attempt that has ended here is needed any more, unless the next one has taken over its prompt. */
  #clear(lease_id: string): void {
    const remains = this.#remains.get(lease_id);
    this.#remains.delete(lease_id);
    if (!remains) return;
    const others = [...this.#remains.values()].map(({ prompt_id }) => prompt_id);
    const isTakenOver = remains.prompt_id !== '' && others.includes(remains.prompt_id);
    if (!isTakenOver) this.#options.cleaner.clear(remains);
  }

  async #handOver(task: HeldTask, { run, seconds }: Finished, lease: LeaseKeeper): Promise<void> {
    const { comfyui, sequencer, keepMetadata, inFlight, models, logger } = this.#options;
    const { task_id, lease_id } = task;
    const outputs = run.outputs.length;
    if (run.truncated) logger.warn('more outputs than a task can have', { task_id, delivered: outputs });
    try {
      const { signal, isAway } = lease;
      const context = { comfyui, sequencer, keepMetadata, signal, isAway, clock: this.#clock, logger };
      const send = () => deliver(lease_id, run, seconds, context);
      const sent = await traced('deliver outputs', { task_id, outputs }, send, traceOf(task));
      lease.release();
      this.tally.addFinished(sent);
      await inFlight.forget(task_id);
      logger.info('task delivered', { task_id, outputs });
      this.#clear(lease_id);
    } catch (error) {
      // what ComfyUI has cached may name the missing file again
      if (ComfyError.isInstance(error) && error.status === 404) {
        await comfyui.free().catch(() => {});
        models.clear();
      }
      await this.#settleFailure(task, lease, error);
    }
  }

  /** Reports a failure, unless the task is not ours any more. */
  async #settleFailure(task: HeldTask, lease: LeaseKeeper, thrown: unknown): Promise<void> {
    const error = asError(thrown);
    try {
      if (isLost(error)) await this.#settleLost(task, error);
      else await this.#reportFailure(task, lease, error);
    } finally {
      // nobody else would get the task while its lease is renewed
      lease.release();
      this.#remains.delete(task.lease_id);
    }
  }

  async #settleLost({ task_id, lease_id }: HeldTask, error: Error): Promise<void> {
    const { inFlight, logger } = this.#options;
    this.tally.addLost();
    const keepsFinished = !(error instanceof LeaseLostError && error.isCanceled);
    if (!(await inFlight.forget(task_id, { keepsFinished }))) this.#clear(lease_id);
    logger.warn(error.message, { task_id });
  }

  async #reportFailure({ lease_id, task_id }: HeldTask, lease: LeaseKeeper, error: Error): Promise<void> {
    const { sequencer, inFlight, guard, models, logger } = this.#options;
    const fault = faultOf(error);
    if (UNLOADING.includes(fault)) models.clear();
    // the task may come back, to a network that takes what is finished
    if (!(await inFlight.forget(task_id, { keepsFinished: fault === 'network' }))) this.#clear(lease_id);
    const isGivenBack = this.#givingBack.signal.aborted && error === this.#givingBack.signal.reason;
    const info = isGivenBack ? STOPPED : toTaskError(error);
    if (!isGivenBack) await guard.recordFailure(fault);
    this.tally.addFailed(info.code);
    logger.warn('task failed', { task_id, code: info.code, reason: reasonOf(error) });
    const report = { lease_id, success: false, error: info, msg: info.message } as const;
    const { signal, isAway } = lease;
    await submit(sequencer, report, { signal, isAway, clock: this.#clock, logger }).catch((failure) =>
      logger.warn('the failure could not be reported', { task_id, message: asError(failure).message }),
    );
  }
}
