import type { FamilyInfo, NewTaskRequest, TaskState } from '../../shared/api.ts';
import { api } from '../data/api.ts';
import { onOtherTab, storage, taskList } from '../data/browser-stores.ts';
import { useStore } from '../data/store.ts';
import { tracker } from '../data/tasks.ts';
import { newId } from '../lib/new-id.ts';
import { hasEnded } from '../task-hooks/index.ts';
import { type Chain, nextStep, withStep } from './chain.ts';
import { CHAINS_KEY, ChainStore } from './chain-store.ts';
import { runChain } from './run-chain.ts';

/** The chains of this browser. */
export const chainStore = new ChainStore(storage);
onOtherTab(CHAINS_KEY, () => chainStore.reload());

const NONE: readonly Chain[] = [];

export const useChains = (): readonly Chain[] =>
  useStore(
    chainStore.listeners,
    () => chainStore.chains,
    () => NONE,
  );

/** Those that run in this tab. */
const running = new Map<string, AbortController>();

/** Runs what a chain has left, whatever page is open meanwhile. */
export async function startChain(id: string, catalogue: readonly FamilyInfo[]): Promise<void> {
  const chain = chainStore.find(id);
  if (!chain || running.has(id)) return;
  const stop = new AbortController();
  running.set(id, stop);
  const { signal } = stop;
  const save = (next: Chain) => {
    // it may have been removed
    if (chainStore.find(id)) chainStore.save(next);
  };
  await runChain(chain, {
    catalogue,
    submit,
    untilEnded: (task_id) => untilEnded(task_id, signal),
    save,
    newId,
    signal,
  });
  running.delete(id);
}

/** Stops a chain, and cancels the step that runs. */
export async function stopChain(id: string): Promise<void> {
  running.get(id)?.abort();
  const chain = chainStore.find(id);
  if (!chain) return;
  const next = nextStep(chain);
  const open = next === undefined ? undefined : chain.steps[next]!.task_id;
  const stopped =
    open === undefined ? chain : withStep(chain, next!, (step) => ({ ...step, end: { status: 'canceled' } }));
  chainStore.save({ ...stopped, isRunning: false });
  // one that cannot be canceled ends by itself
  if (open !== undefined) await tracker.cancel(open).catch(() => {});
}

/** Goes on with the chains that ran when the page was left. */
export async function resumeChains(): Promise<void> {
  const cut = chainStore.chains.filter(({ isRunning }) => isRunning);
  const catalogue = await api.catalogue();
  for (const { id } of cut) void startChain(id, catalogue);
}

async function submit(request: NewTaskRequest): Promise<string> {
  const { task_id } = await api.submit(request);
  const { job_id, ...recipe } = request;
  // a submit that is repeated is the same task
  if (!taskList.find(task_id)) taskList.add({ task_id, ...recipe, created_at: Date.now() });
  return task_id;
}

function untilEnded(task_id: string, signal: AbortSignal): Promise<TaskState | undefined> {
  return new Promise((resolve) => {
    const look = () => {
      const { state, isGone } = tracker.get(task_id);
      if (!signal.aborted && !isGone && !hasEnded(state)) return;
      unwatch();
      resolve(isGone ? undefined : state);
    };
    const unwatch = tracker.watch(task_id, look);
    signal.addEventListener('abort', look, { once: true });
    look();
  });
}
