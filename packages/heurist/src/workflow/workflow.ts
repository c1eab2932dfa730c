import { Workflow as CoreWorkflow, HeuristError, type SubmitOptions, type WorkflowTask } from '@heurist/core';
import { warnOnce } from '../warn-once.ts';

/** Submits, queries, awaits and cancels tasks: the calls of `heurist@0.0.43` beside those of `@heurist/core`. */
export class Workflow extends CoreWorkflow {
  /** The network has said that the consumer is the one of the key. */
  #keyDecides = false;

  /**
   * Submits a task and does not wait for it. In 0.0.43 any `consumer_id` could stand in a task. Where that of the key is the only
   * one, the task goes in its name, with a warning.
   *
   * @returns the task id
   * @throws {HeuristError} if the sequencer refuses the task or cannot be reached
   */
  override async executeWorkflow(task: WorkflowTask, options: SubmitOptions = {}): Promise<string> {
    if (!task.consumer_id || task.api_key) return await super.executeWorkflow(task, options);
    const inNameOfKey = () => super.executeWorkflow(withoutConsumer(task), options);
    if (this.#keyDecides) return await inNameOfKey();
    try {
      return await super.executeWorkflow(task, options);
    } catch (error) {
      if (!HeuristError.isInstance(error) || error.code !== 'unauthorized') throw error;
      const task_id = await inNameOfKey();
      this.#keyDecides = true;
      warnOnce(`\`consumer_id\` of tasks is not used: a task belongs to the consumer of the API key.`);
      return task_id;
    }
  }

  /**
   * Submits a task and does not wait for it, as `executeWorkflow` does.
   *
   * @returns the task id
   * @throws {HeuristError} if the sequencer refuses the task or cannot be reached
   */
  async createTask(task: WorkflowTask, options: SubmitOptions = {}): Promise<string> {
    return await this.executeWorkflow(task, options);
  }

  /**
   * Was the miner that would run a task. Here miners claim tasks by themselves, so the answer is always `any`, and nothing is sent.
   */
  async resourceRequest(_consumer_id: string, _workflow_id?: string, _task_type?: string): Promise<string> {
    return 'any';
  }
}

function withoutConsumer(task: WorkflowTask): WorkflowTask {
  const { task_type, task_details, job_id_prefix, timeout_seconds, workflow_id } = task;
  return {
    task_type,
    task_details,
    ...(job_id_prefix !== undefined && { job_id_prefix }),
    ...(timeout_seconds !== undefined && { timeout_seconds }),
    ...(workflow_id !== undefined && { workflow_id }),
    parseOutput: (result) => task.parseOutput(result),
  };
}
