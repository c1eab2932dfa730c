/** A task that has ended, and how long its stages took if they are known. */
export interface TaskEnd {
  workflow_id: string;
  status: 'finished' | 'failed' | 'canceled';
  runSeconds?: number | undefined;
  uploadSeconds?: number | undefined;
  loadSeconds?: number | undefined;
  /** Of that, how long models were loaded. */
  modelLoadSeconds?: number | undefined;
}

/** Is told what happens to tasks here, once it is committed. Must neither throw nor wait. */
export interface TaskEvents {
  submitted(workflow_id: string): void;
  /**
   * @param queueSeconds - since the submit, or the end of the attempt before
   * @param isWarm - whether the miner holds the models; `undefined` if that is not known
   */
  claimed(workflow_id: string, queueSeconds: number, isWarm?: boolean): void;
  /** An attempt failed, or a task as a whole. @param code - of the error */
  failed(code: string): void;
  ended(end: TaskEnd): void;
}
