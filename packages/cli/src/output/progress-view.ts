import type { WorkflowTaskResult } from '@heurist/core';
import { printableLine } from '@heurist/core/protocol';

/** Output for progress: on a terminal, one line that changes; elsewhere, one line per step. */
export interface ProgressOutput {
  isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Shows the progress of a task. */
export interface ProgressView {
  /** Pass as `onProgress`. */
  show(state: WorkflowTaskResult): void;
  /** Clears the line, before something else is printed. */
  end(): void;
}

const BAR_WIDTH = 24;
/** Without a terminal, one line per this many percent. */
const STEP_PERCENT = 10;

const AGAIN = ', retried after a miner was lost';

/** Describes the state of a task in one line. What it shows comes from miners: nothing in it may steer the terminal. */
export function describeState(state: WorkflowTaskResult): string {
  return printableLine(describe(state));
}

function describe({ status, queue_position, warning, progress, attempt = 0 }: WorkflowTaskResult): string {
  if (status === 'waiting') {
    const place =
      queue_position === undefined ? '' : queue_position ? `, ${queue_position} ahead of it` : ', next in line';
    return `queued${place}${attempt > 0 ? AGAIN : ''}${warning ? `. ${warning}` : ''}`;
  }
  if (status !== 'running') return status;
  const percent = Math.floor(progress?.percent ?? 0);
  const node = progress?.node ? `  ${progress.node}` : '';
  return `running ${bar(percent)} ${String(percent).padStart(3)} %${node}${attempt > 1 ? AGAIN : ''}`;
}

/** A bar of blocks. */
export function bar(percent: number): string {
  const full = Math.round((percent / 100) * BAR_WIDTH);
  return '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
}

/**
 * Shows progress on an output.
 *
 * @param output - default: stderr, so that stdout has results only
 */
export function createProgressView(output: ProgressOutput = process.stderr): ProgressView {
  let last = '';
  let warned = '';
  const isTerminal = output.isTTY === true;
  /** What is wrong with a task that runs stays on the screen. */
  const warn = (text: string) => {
    if (text === warned) return;
    warned = text;
    output.write(`${isTerminal ? '\r\u001B[K' : ''}${text}\n`);
  };
  return {
    show(state) {
      if (state.truncated)
        warn(
          `warning: The workflow made more outputs than a task can have: these are the first ${state.outputs?.length}.`,
        );
      if (state.warning && state.status !== 'waiting') warn(printableLine(`warning: ${state.warning}`));
      const line = describeState(state);
      const step = isTerminal ? line : stepOf(state, line);
      if (step === last) return;
      last = step;
      output.write(isTerminal ? `\r\u001B[K${line}` : `${line}\n`);
    },
    end() {
      if (isTerminal && last) output.write('\r\u001B[K');
      last = '';
    },
  };
}

/** What must change before another line is printed, if lines are not overwritten. */
function stepOf({ status, progress }: WorkflowTaskResult, line: string): string {
  if (status !== 'running') return line;
  return `${progress?.node}:${Math.floor((progress?.percent ?? 0) / STEP_PERCENT)}`;
}
