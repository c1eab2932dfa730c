import type { FamilyInfo } from '../../shared/api.ts';
import { type Chain, type ChainStep, nextStep, reset, withPrompt } from './chain.ts';

/** What a step looks like: how it ended, whether it has to run again, or that it has not run. */
export type StepLook = 'finished' | 'failed' | 'incomplete' | 'busy' | 'old' | 'idle';

/** @param isNext - whether it is the one that runs while the chain does */
export function lookOf({ end, task_id, was }: ChainStep, isNext: boolean, isRunning: boolean): StepLook {
  if (end?.status === 'finished' || end?.status === 'incomplete') return end.status;
  if (end) return 'failed';
  if (task_id || (isNext && isRunning)) return 'busy';
  return was ? 'old' : 'idle';
}

/** The task whose picture a step shows: what it made, or what it made before something changed. */
export function shownTask({ end, task_id, was }: ChainStep): string | undefined {
  return end?.status === 'finished' ? task_id : was;
}

/** What the button of a chain does: what it is called, and the chain that is then run. */
export interface NextRun {
  label: string;
  chain: Chain;
}

/** Runs what is left; with another prompt what depends on it; all of it again if nothing is left. */
export function nextRun(chain: Chain, catalogue: readonly FamilyInfo[]): NextRun {
  const { draft, ...rest } = chain;
  const hasRun = chain.steps.some((step) => shownTask(step));
  if (draft !== undefined)
    return { label: hasRun ? 'Run with this prompt' : 'Run', chain: goOn(withPrompt(rest, draft, catalogue)) };
  const next = nextStep(chain);
  if (next === undefined) return { label: 'Run again', chain: reset(chain, 0) };
  return { label: next ? `Go on with step ${next + 1}` : 'Run', chain: goOn(chain) };
}

/** A task that was submitted goes on; one that did not finish is made anew. */
function goOn(chain: Chain): Chain {
  const next = nextStep(chain);
  return next !== undefined && chain.steps[next]!.end ? reset(chain, next) : chain;
}

/** The prompt as it is typed: it counts at the next run, so that what was made stays in sight until then. */
export function withDraft({ draft: _, ...chain }: Chain, typed: string): Chain {
  return typed === chain.prompt ? chain : { ...chain, draft: typed };
}

/** Such as `3 steps, finished`. */
export function summaryOfChain(chain: Chain): string {
  const { steps, isRunning } = chain;
  const count = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
  const next = nextStep(chain);
  if (!steps.length) return 'No steps yet';
  if (next === undefined) return `${count}, finished`;
  if (isRunning) return `${count}, step ${next + 1} runs`;
  const end = steps[next]!.end;
  if (end?.status === 'incomplete') return `${count}, step ${next + 1} waits for you`;
  if (end) return `${count}, stopped at step ${next + 1}`;
  return next ? `${count}, ${next} done` : `${count}, not run yet`;
}
