import { Workflow as CoreWorkflow, type SubmitOptions, type WorkflowTask } from '@heurist/core';

/** Submits, queries, awaits and cancels tasks: the calls of `heurist@0.0.43` beside those of `@heurist/core`. */
export class Workflow extends CoreWorkflow {
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
