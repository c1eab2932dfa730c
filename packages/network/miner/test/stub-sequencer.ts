import type { TaskProgress } from '@heurist/core';
import type { LeasedTask, OutputDescription, Report, SequencerProtocol } from '../src/index.ts';

/** A sequencer in memory: hands out what is put into `tasks`, and keeps what it is told. */
export class StubSequencer implements SequencerProtocol {
  readonly tasks: LeasedTask[] = [];
  readonly claims: {
    claim_id: string;
    workflow_ids: string[];
    lacks: Record<string, string[]> | undefined;
    warm?: readonly object[] | undefined;
  }[] = [];
  readonly beats: { lease_id: string; progress: TaskProgress | undefined }[] = [];
  readonly uploads: (OutputDescription & { lease_id: string; content: Blob })[] = [];
  readonly reports: Report[] = [];
  /** Called before each answer: throws, or waits. */
  before: (call: 'claim' | 'heartbeat' | 'upload' | 'submit') => void | Promise<void> = () => {};
  isCanceled = false;
  /** When it wants the next heartbeat. Default: it does not say. */
  heartbeatSeconds: number | undefined;
  /** Wakes a long poll. */
  #arrived = () => {};

  add(task: Partial<LeasedTask> & { task_id: string }): void {
    this.tasks.push({
      lease_id: `lease of ${task.task_id}`,
      workflow_id: 'paint',
      task_details: { parameters: { color: 1 } },
      heartbeat_seconds: 5,
      ...task,
    });
    this.#arrived();
  }

  async claim(
    claim_id: string,
    workflow_ids: string[],
    lacks: Record<string, string[]> | undefined,
    signal: AbortSignal,
    warm?: readonly object[],
  ): Promise<LeasedTask | undefined> {
    this.claims.push({ claim_id, workflow_ids, lacks, warm });
    await this.before('claim');
    signal.throwIfAborted();
    if (!this.tasks.length)
      await new Promise<void>((resolve, reject) => {
        this.#arrived = resolve;
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    return this.tasks.shift();
  }

  async heartbeat(lease_id: string, progress: TaskProgress | undefined): ReturnType<SequencerProtocol['heartbeat']> {
    this.beats.push({ lease_id, progress });
    await this.before('heartbeat');
    return { cancel: this.isCanceled, heartbeat_seconds: this.heartbeatSeconds };
  }

  async upload(lease_id: string, output: OutputDescription, content: Blob): Promise<string> {
    await this.before('upload');
    this.uploads.push({ ...output, lease_id, content });
    return `artifact ${this.uploads.length}`;
  }

  async submit(report: Report): Promise<void> {
    await this.before('submit');
    this.reports.push(report);
  }
}
