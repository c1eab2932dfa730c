import { type ComfyClient, ComfyError } from '@heurist/comfyui';
import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Logger } from '@heurist/core/protocol';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
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
  prompt_id: string;
}

/** What is known of a graph while it is with the ComfyUI. */
type Note = Pick<JournalEntry, 'prompt_id' | 'run' | 'startedAt'> & { seconds?: number };

/** What a miner needs to know its work in flight. */
export interface InFlightOptions {
  comfyui: Pick<ComfyClient, 'url' | 'resume' | 'cancel'>;
  journal: Journal;
  workflows: readonly WorkflowDefinition[];
  logger: Logger;
  clock?: Clock;
}

/** The work that a miner has with its ComfyUI, some of it queued by the process before this one. */
export class InFlight {
  readonly #options: InFlightOptions;
  /** Graphs that the process before this one left in the ComfyUI, without a lease. */
  #leftovers: JournalEntry[] = [];

  constructor(options: InFlightOptions) {
    this.#options = { ...options, journal: tolerateJournal(options.journal, options.logger) };
  }

  /** Notes what is known of a task. A full disk costs the safety of a restart, not the task. */
  async note(task: LeasedTask, note: Note): Promise<void> {
    const { comfyui, journal } = this.#options;
    await journal.write({ comfyui: comfyui.url, task, ...note });
  }

  /** @param keepsFinished - keep a finished result: another miner may fail, and the task come back here */
  async forget(task_id: string, { keepsFinished = false } = {}): Promise<void> {
    const { comfyui, journal } = this.#options;
    if (keepsFinished && (await journal.find(task_id, comfyui.url))?.run.outputs) return;
    await journal.remove(task_id);
  }

  /**
   * Waits for what the ComfyUI makes of a task that was here before; `undefined` if it has to be run anew.
   *
   * @param onFound - called if the task was here before
   */
  async resume(task: LeasedTask, signal: AbortSignal, onFound: () => void = () => {}): Promise<Finished | undefined> {
    const { comfyui, journal } = this.#options;
    const entry = await journal.find(task.task_id, comfyui.url);
    if (!entry) return undefined;
    onFound();
    return await this.#untilFinished({ ...entry, task }, signal).catch((error) => {
      // interrupted: by the cancel of the attempt before, whose lease was lost; nobody asked for that of this one
      if (!ComfyError.isInstance(error) || !/^comfyui_(prompt_lost|interrupted)$/.test(error.code)) throw error;
      return undefined;
    });
  }

  /** Waits for a graph that was queued before. */
  async #untilFinished(
    { task, prompt_id, run, startedAt, seconds = 0 }: JournalEntry,
    signal: AbortSignal,
  ): Promise<Finished> {
    const { comfyui, workflows, logger } = this.#options;
    logger.info('resuming a task', { task_id: task.task_id, finished: run.outputs !== undefined });
    if (run.outputs) return { run: { ...run, outputs: run.outputs }, seconds, prompt_id };
    const { outputs } = await comfyui.resume(prompt_id, { signal });
    const definition = workflows.find(({ workflow_id }) => workflow_id === task.workflow_id);
    const finished = {
      prompt_id,
      run: { ...run, outputs: selectOutputs(outputs, definition) },
      seconds: ((this.#options.clock ?? systemClock).now() - startedAt) / 1000,
    };
    await this.note(task, { startedAt, ...finished });
    return finished;
  }

  /** The tasks that the process before this one had in flight, if their leases still hold. */
  async reopen(sequencer: Pick<SequencerProtocol, 'heartbeat'>): Promise<LeasedTask[]> {
    const { comfyui, journal } = this.#options;
    const held: LeasedTask[] = [];
    for (const entry of await journal.list(comfyui.url)) {
      const answer = await sequencer.heartbeat(entry.task.lease_id, undefined).catch((error: unknown) => error);
      if (!isLost(answer) && !(answer as { cancel?: boolean }).cancel) held.push(entry.task);
      // the task waits again, and may come back here at once
      else if (!entry.run.outputs) this.#leftovers.push(entry);
    }
    return held;
  }

  /** Cancels graphs that run for nobody: their task did not come back with the first claim. */
  async clearLeftovers(claimed: string | undefined): Promise<void> {
    const { comfyui, journal } = this.#options;
    for (const { task, prompt_id } of this.#leftovers.splice(0)) {
      if (task.task_id === claimed) continue;
      await comfyui.cancel(prompt_id).catch(() => {});
      await journal.remove(task.task_id);
    }
  }
}
