import { type ComfyClient, ComfyError } from '@heurist/comfyui';
import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Logger } from '@heurist/core/protocol';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { Cleaner, Remains } from '../comfyui/cleaner.ts';
import { isLost } from '../sequencer/lease-keeper.ts';
import type { LeasedTask, SequencerProtocol } from '../sequencer/sequencer-client.ts';
import type { Journal, JournalEntry } from './journal.ts';
import type { TaskRun } from './run-task.ts';
import { selectOutputs } from './select-outputs.ts';
import { tolerateJournal } from './tolerant-journal.ts';

/** A graph that has finished, and how long that took. */
export interface Finished {
  run: TaskRun;
  seconds: number;
  remains: Remains;
}

/** What is known of a graph while it is with the ComfyUI. */
type Note = { remains: Remains; run: JournalEntry['run']; seconds?: number };

/** What a miner needs to know its work in flight. */
export interface InFlightOptions {
  comfyui: Pick<ComfyClient, 'url' | 'resume' | 'cancel'>;
  journal: Journal;
  cleaner: Pick<Cleaner, 'clear'>;
  workflows: readonly WorkflowDefinition[];
  logger: Logger;
  clock?: Clock;
}

/** How often it is looked for notes that no longer count, in milliseconds. */
const EXPIRED_EVERY_MS = 3600_000;

/** The work that a miner has with its ComfyUI, some of it queued by the process before this one. */
export class InFlight {
  readonly #options: InFlightOptions;
  readonly #clock: Clock;
  #expiredAt = Number.NEGATIVE_INFINITY;
  /** Graphs that the process before this one left in the ComfyUI, without a lease. */
  #leftovers: JournalEntry[] = [];

  constructor(options: InFlightOptions) {
    this.#options = { ...options, journal: tolerateJournal(options.journal, options.logger) };
    this.#clock = options.clock ?? systemClock;
  }

  /** Notes what is known of a task. A full disk costs the safety of a restart, not the task. */
  async note(task: LeasedTask, { remains, ...note }: Note): Promise<void> {
    const { comfyui, journal } = this.#options;
    const { prompt_id, startedAt, inputs, folders } = remains;
    const entry = { comfyui: comfyui.url, task, prompt_id, startedAt, inputs: [...inputs], folders: [...folders] };
    await journal.write({ ...entry, ...note });
  }

  /**
   * Removes what is noted of a task.
   *
   * @param keepsFinished - keep a finished result: another miner may fail, and the task come back here
   * @returns whether it was kept, and with it what the run left in the ComfyUI
   */
  async forget(task_id: string, { keepsFinished = false } = {}): Promise<boolean> {
    const { comfyui, journal } = this.#options;
    if (keepsFinished && (await journal.find(task_id, comfyui.url))?.run.outputs) return true;
    await journal.remove(task_id);
    return false;
  }

  /**
   * Waits for what the ComfyUI makes of a task that was here before; `undefined` if it has to be run anew.
   *
   * @param onFound - called with what the task has left here before
   */
  async resume(
    task: LeasedTask,
    signal: AbortSignal,
    onFound: (remains: Remains) => void = () => {},
  ): Promise<Finished | undefined> {
    const { comfyui, journal } = this.#options;
    const entry = await journal.find(task.task_id, comfyui.url);
    if (!entry) return undefined;
    onFound(remainsOf(entry));
    const finished =
      entry.prompt_id &&
      (await this.#untilFinished({ ...entry, task }, signal).catch((error) => undefinedIfGone(error)));
    if (finished) return finished;
    this.#options.cleaner.clear(remainsOf(entry));
    return undefined;
  }

  /** Waits for a graph that was queued before. */
  async #untilFinished({ seconds = 0, ...entry }: JournalEntry, signal: AbortSignal): Promise<Finished> {
    const { comfyui, workflows, logger } = this.#options;
    const { task, prompt_id, run, startedAt } = entry;
    const remains = remainsOf(entry);
    logger.info('resuming a task', { task_id: task.task_id, finished: run.outputs !== undefined });
    if (run.outputs) return { run: { ...run, outputs: run.outputs }, seconds, remains };
    const { outputs } = await comfyui.resume(prompt_id, { signal });
    const definition = workflows.find(({ workflow_id }) => workflow_id === task.workflow_id);
    const finished = {
      remains,
      run: { ...run, ...selectOutputs(outputs, definition, task.max_outputs) },
      seconds: (this.#clock.now() - startedAt) / 1000,
    };
    await this.note(task, finished);
    return finished;
  }

  /** The tasks that the process before this one had in flight, if their leases still hold. */
  async reopen(sequencer: Pick<SequencerProtocol, 'heartbeat'>): Promise<LeasedTask[]> {
    const { comfyui, journal } = this.#options;
    const held: LeasedTask[] = [];
    for (const entry of await journal.list(comfyui.url)) {
      const answer = await sequencer.heartbeat(entry.task.lease_id, undefined).catch((error: unknown) => error);
      if ((answer as { cancel?: boolean } | undefined)?.cancel) await this.#abandon(entry);
      else if (!isLost(answer)) held.push(entry.task);
      // the task waits again, and may come back here at once
      else if (!entry.run.outputs) this.#leftovers.push(entry);
    }
    return held;
  }

  /** Cancels graphs that run for nobody: their task did not come back with the first claim. */
  async clearLeftovers(claimed: string | undefined): Promise<void> {
    for (const entry of this.#leftovers.splice(0)) if (entry.task.task_id !== claimed) await this.#abandon(entry);
    await this.#clearExpired();
  }

  async #abandon(entry: JournalEntry): Promise<void> {
    const { comfyui, journal, cleaner } = this.#options;
    if (entry.prompt_id) await comfyui.cancel(entry.prompt_id).catch(() => {});
    await journal.remove(entry.task.task_id);
    cleaner.clear(remainsOf(entry));
  }

  /** Results that were kept for tasks which never came back. */
  async #clearExpired(): Promise<void> {
    const { comfyui, journal, cleaner } = this.#options;
    if (this.#clock.now() - this.#expiredAt < EXPIRED_EVERY_MS) return;
    this.#expiredAt = this.#clock.now();
    for (const entry of await journal.takeExpired(comfyui.url)) cleaner.clear(remainsOf(entry));
  }
}

function remainsOf({ task, prompt_id, startedAt, inputs = [], folders = [] }: JournalEntry): Remains {
  return { task_id: task.task_id, prompt_id, startedAt, inputs, folders };
}

/** Interrupted: by the cancel of the attempt before, whose lease was lost; nobody asked for that of this one. */
function undefinedIfGone(error: unknown): undefined {
  if (!ComfyError.isInstance(error) || !/^comfyui_(prompt_lost|interrupted)$/.test(error.code)) throw error;
}
