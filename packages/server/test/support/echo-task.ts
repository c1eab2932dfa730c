import { WorkflowTask } from '@heurist/core';

/** The task of the workflow of these tests. */
export class EchoTask extends WorkflowTask {
  get task_type() {
    return 'echo';
  }
  get task_details() {
    return { parameters: { text: 'hi' } };
  }
}
