import type { FamilyInfo, NewTaskRequest, TaskState } from '../../shared/api.ts';
import { labelOf } from '../lib/words.ts';
import { type Chain, endOf, nextStep, requestOf, type StepEnd, withStep } from './chain.ts';

/** Where a chain runs, and who keeps it. */
export interface ChainRunner {
  catalogue: readonly FamilyInfo[];
  /** Resolves with the task's id. The same `job_id` is the same task. */
  submit(request: NewTaskRequest): Promise<string>;
  /** Resolves when the task has ended; with `undefined` if the network no longer has it. */
  untilEnded(task_id: string): Promise<TaskState | undefined>;
  /** Called at each change: what is saved is enough to go on after a reload. */
  save(chain: Chain): void;
  newId(): string;
  /** Fires when somebody stops it. Tasks that were submitted go on. */
  signal: AbortSignal;
}

/**
 * Runs the steps of a chain that have not finished. A step that was submitted before is waited for, not run again; the first that does not
 * finish ends it.
 *
 * @returns the chain as it ended; it never throws
 */
export async function runChain(chain: Chain, runner: ChainRunner): Promise<Chain> {
  let current: Chain = { ...chain, isRunning: true };
  const put = (next: Chain) => {
    current = next;
    runner.save(next);
  };
  put(current);
  for (let index = nextStep(current); index !== undefined; index = nextStep(current)) {
    await runStep(current, index, runner, put);
    if (runner.signal.aborted) return current;
    if (current.steps[index]?.end?.status !== 'finished') break;
  }
  put({ ...current, isRunning: false });
  return current;
}

async function runStep(chain: Chain, index: number, runner: ChainRunner, put: (chain: Chain) => void): Promise<void> {
  let current = chain;
  const change = (more: { job_id?: string; task_id?: string; end?: StepEnd }) => {
    current = withStep(current, index, ({ end: _, ...step }) => ({ ...step, ...more }));
    // whoever stopped it may have changed it since
    if (!runner.signal.aborted) put(current);
  };
  const { task_id: known, job_id = runner.newId() } = chain.steps[index]!;
  try {
    let task_id = known;
    if (task_id === undefined) {
      const request = requestOf(current, index, runner.catalogue);
      if ('missing' in request) return change({ end: { status: 'incomplete', message: missingText(request.missing) } });
      change({ job_id });
      task_id = await runner.submit({ ...request.recipe, job_id });
      change({ task_id });
    }
    const state = await runner.untilEnded(task_id);
    if (runner.signal.aborted) return;
    change({ end: (state && endOf(state)) ?? { status: 'gone', message: 'The network no longer has this task.' } });
  } catch (error) {
    change({ end: { status: 'failed', message: (error as Error).message } });
  }
}

function missingText(names: readonly string[]): string {
  const nouns = names.map((name) => withArticle(labelOf(name.replace(/_url$/, '')).toLowerCase()));
  const how = names.includes('mask_url') ? ' Paint it over the picture, then go on.' : '';
  return `It needs ${nouns.join(' and ')}.${how}`;
}

const withArticle = (noun: string) => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
