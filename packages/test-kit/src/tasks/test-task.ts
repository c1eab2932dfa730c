import type { OutputDescription, TaskErrorInfo, TaskStatus, WorkflowTaskResult } from '@heurist/core';
import type { TestClock } from '../clock.ts';
import type { TestFile } from './files.ts';

/** What a submit said. */
export interface Submit {
  consumer_id: string;
  job_id: string | undefined;
  task_type: string;
  workflow_id: string;
  parameters: Record<string, unknown>;
  timeout_seconds: number | undefined;
  webhook_url: string | undefined;
}

/** What a finished task has beside its outputs. */
export interface FinishOptions {
  /** What it ran with, added to what was submitted: `{ seed: 7 }`. */
  parameters?: Record<string, unknown> | undefined;
  /** That the workflow made more outputs than a task can have. */
  truncated?: boolean | undefined;
}

/** A task as the test sequencer has it. Tests end it by hand, or let it go as `on(...)` says. */
export class TestTask {
  readonly task_id: string;
  /** What was submitted. */
  readonly submitted: Readonly<Submit>;
  readonly #clock: TestClock;
  readonly #makeOutput: (file: TestFile) => OutputDescription;
  readonly #changed = new Set<() => void>();
  readonly #createdAt: number;
  #startedAt: number | undefined;
  #state: Omit<WorkflowTaskResult<OutputDescription>, 'task_id'>;
  /** Counts changes. */
  version = 1;

  /** @internal */
  constructor(task_id: string, submitted: Submit, clock: TestClock, makeOutput: (file: TestFile) => OutputDescription) {
    this.task_id = task_id;
    this.submitted = submitted;
    this.#clock = clock;
    this.#makeOutput = makeOutput;
    this.#createdAt = clock.now();
    const { workflow_id, parameters } = submitted;
    this.#state = { status: 'waiting', workflow_id, attempt: 0, queue_position: 0, parameters };
  }

  /** Where it stands. */
  get status(): TaskStatus {
    return this.#state.status;
  }

  /** Whether it is finished, failed or canceled. */
  get isOver(): boolean {
    return this.status !== 'waiting' && this.status !== 'running';
  }

  /** What a query returns. */
  get state(): WorkflowTaskResult<OutputDescription> {
    return { task_id: this.task_id, ...this.#state, timings: this.#timings() };
  }

  /** Sets the `warning` that says why it waits. */
  warn(warning: string): void {
    if (this.status === 'waiting') this.#change({ warning });
  }

  /**
   * Starts it, or reports its progress.
   *
   * @param percent - 0 to 100. Default 0
   */
  run(percent = 0): void {
    if (this.isOver) return;
    this.#startedAt ??= this.#clock.now();
    const { queue_position, warning, ...rest } = this.#state;
    this.#state = rest;
    this.#change({ status: 'running', attempt: 1, progress: { percent } });
  }

  /** Finishes it with files. Default: one PNG of one pixel. A task that has ended is not changed. */
  finish(files: TestFile | readonly TestFile[] = {}, { parameters, truncated }: FinishOptions = {}): void {
    if (this.isOver) return;
    const outputs = (Array.isArray(files) ? files : [files]).map(this.#makeOutput);
    const texts = outputs.flatMap(({ text }) => text ?? []);
    this.#end({
      status: 'finished',
      outputs,
      ...(outputs[0] && { result: outputs[0].url }),
      ...(texts.length && { text: texts.join('\n') }),
      ...(truncated && { truncated }),
      parameters: { ...this.#state.parameters, ...parameters },
    });
  }

  /** Fails it. A task that has ended is not changed. */
  fail(error: TaskErrorInfo): void {
    if (!this.isOver) this.#end({ status: 'failed', error });
  }

  /** Cancels it, as the network would. A task that has ended is not changed. */
  cancel(): void {
    if (!this.isOver) this.#end({ status: 'canceled' });
  }

  /** Resolves when it has changed, or the signal fires. */
  changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        stop();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const stop = this.watch(done);
      signal.addEventListener('abort', done);
    });
  }

  /**
   * Calls the listener after each change.
   *
   * @internal
   * @returns ends it
   */
  watch(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => void this.#changed.delete(listener);
  }

  #end(state: Partial<WorkflowTaskResult<OutputDescription>> & { status: TaskStatus }): void {
    if (state.status !== 'canceled') this.run(100);
    const { progress, queue_position, warning, ...rest } = this.#state;
    this.#state = rest;
    this.#endedAt = this.#clock.now();
    this.#change(state);
  }

  #endedAt: number | undefined;

  #timings() {
    const started = this.#startedAt;
    const ended = this.#endedAt;
    return {
      ...(started !== undefined && { queued_ms: Math.round(started - this.#createdAt) }),
      ...(started !== undefined && ended !== undefined && { run_ms: Math.round(ended - started) }),
      ...(ended !== undefined && { total_ms: Math.round(ended - this.#createdAt) }),
    };
  }

  #change(state: Partial<WorkflowTaskResult<OutputDescription>>): void {
    this.#state = { ...this.#state, ...state };
    this.version++;
    for (const notify of [...this.#changed]) notify();
  }
}
