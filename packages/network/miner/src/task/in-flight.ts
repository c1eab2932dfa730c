import { type ComfyClient, ComfyError } from '@heurist/comfyui';
import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Logger } from '@heurist/core/protocol';
import { isLost } from '../sequencer/lease-keeper.ts';
import type { LeasedTask, Sequencer } from '../sequencer/sequencer-client.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { selectOutputs, type TaskRun } from './run-task.ts';

/** A graph that has finished, and how long that took. */
export interface Finished {
  run: TaskRun;
  seconds: number;
}

/** What is known of a graph while it is with the ComfyUI. */
type Note = Pick<JournalEntry, 'prompt_id' | 'run' | 'startedAt'> & { seconds?: number };

/** What a miner needs for its work under way. */
export interface UnderWayOptions {
  comfyui: ComfyClient;
  journal: Journal;
  workflows: readonly WorkflowDefinition[];
  logger: Logger;
}

/** What a ComfyUI does for a miner, also for the process before this one. */
export class UnderWay {
  readonly #options: UnderWayOptions;
  /** Graphs that the process before this one left in the ComfyUI, without a lease. */
  #leftovers: JournalEntry[] = [];

  constructor(options: UnderWayOptions) {
    this.#options = options;
  }

  /** A disk that is full costs the safety of a restart, and no task. */
  async note(task: LeasedTask, note: Note): Promise<void> {
    const { comfyui, journal, logger } = this.#options;
    await journal
      .write({ comfyui: comfyui.url, task, ...note })
      .catch((error) => logger.warn('the journal cannot be written', { message: error.message }));
  }

  /** @param keepsFinished - another miner may fail, and the task come back to what was finished here */
  async forget(task_id: string, { keepsFinished = false } = {}): Promise<void> {
    const { comfyui, journal } = this.#options;
    if (keepsFinished && (await journal.find(task_id, comfyui.url))?.run.outputs) return;
    await journal.remove(task_id);
  }

  /** What the ComfyUI has made, or makes, of a task that was here before; `undefined` where it knows nothing of it. */
  async find(task: LeasedTask, signal: AbortSignal): Promise<Finished | undefined> {
    const { comfyui, journal } = this.#options;
    const entry = await journal.find(task.task_id, comfyui.url);
    return (
      entry &&
      (await this.#resume({ ...entry, task }, signal).catch((error) => {
        if (!ComfyError.isInstance(error) || error.code !== 'comfyui_prompt_lost') throw error;
        return undefined;
      }))
    );
  }

  /** Waits for a graph that was queued before. */
  async #resume(
    { task, prompt_id, run, startedAt, seconds = 0 }: JournalEntry,
    signal: AbortSignal,
  ): Promise<Finished> {
    const { comfyui, workflows, logger } = this.#options;
    logger.info('going on with a task', { task_id: task.task_id, finished: run.outputs !== undefined });
    if (run.outputs) return { run: { ...run, outputs: run.outputs }, seconds };
    const { outputs } = await comfyui.resume(prompt_id, { signal });
    const definition = workflows.find(({ workflow_id }) => workflow_id === task.workflow_id);
    const finished = {
      run: { ...run, outputs: selectOutputs(outputs, definition) },
      seconds: (Date.now() - startedAt) / 1000,
    };
    await this.note(task, { prompt_id, startedAt, ...finished });
    return finished;
  }

  /** What the process before this one had under way, as far as its leases hold. */
  async reopen(sequencer: Sequencer): Promise<LeasedTask[]> {
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

  /** Ends graphs that run for nobody: their task did not come back with the first claim. */
  async clearLeftovers(claimed: string | undefined): Promise<void> {
    const { comfyui, journal } = this.#options;
    for (const { task, prompt_id } of this.#leftovers.splice(0)) {
      if (task.task_id === claimed) continue;
      await comfyui.cancel(prompt_id).catch(() => {});
      await journal.remove(task.task_id);
    }
  }
}
