import { loadCredentials } from '@heurist/cli/credentials';
import { ComfyClient } from '@heurist/comfyui';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { checkWorkflows, createMiner, type Miner, type WorkflowCheck } from '@heurist/miner';
import { createFolderStore, createSequencer, type openDatabase, type Sequencer } from '@heurist/sequencer';
import { createPromptAdvice } from './advise-prompt.ts';
import type { LocalNetworkOptions } from './local-network-options.ts';
import { stopMiner } from './stop-miner.ts';

/** What a local network keeps, whatever it serves. */
export interface Ground extends Omit<LocalNetworkOptions, 'workflows' | 'port' | 'comfyui'> {
  database: Awaited<ReturnType<typeof openDatabase>>;
  /** Folder for files. */
  artifacts: string;
  comfyui: string;
  /** Folder of the engine, if that is the ComfyUI. */
  engineFolder: string | undefined;
}

/** Keys of its first miner and consumer. */
interface LocalKeys {
  miner: string;
  consumer: string;
}

/** A sequencer and a miner for some workflows. */
export interface Served {
  url: string;
  keys: LocalKeys;
  checks: readonly WorkflowCheck[];
  /** Whether a task runs, which `close` would wait for. */
  isBusy(): boolean;
  /** Finishes the running task, or gives it back after `withinMs`, then closes both. The database stays open. */
  close(options?: { withinMs?: number }): Promise<void>;
}

/**
 * Starts a sequencer and a miner for some workflows.
 *
 * @param keys - default: those in the data folder
 */
export async function serveWorkflows(
  ground: Ground,
  workflows: readonly WorkflowDefinition[],
  port: number,
  keys?: LocalKeys,
): Promise<Served> {
  const parts: { sequencer?: Sequencer; miner?: Miner } = {};
  async function close({ withinMs }: { withinMs?: number } = {}) {
    if (parts.miner) await stopMiner(parts.miner, withinMs);
    await parts.sequencer?.close();
  }
  try {
    let url = '';
    parts.sequencer = await openSequencer(ground, workflows, () => url);
    url = await parts.sequencer.listen({ port });
    const valid = keys ?? (await firstKeys(parts.sequencer, ground.dataDir));
    parts.miner = openMiner(ground, workflows, url, valid.miner);
    const { miner } = parts;
    return { url, keys: valid, checks: await miner.start(), isBusy: () => miner.status().running > 0, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function firstKeys(sequencer: Sequencer, dataDir: string | undefined): Promise<LocalKeys> {
  const { miner, consumer } = await loadCredentials(sequencer, dataDir, ['miner', 'consumer']);
  return { miner: miner!, consumer: consumer! };
}

async function openSequencer(
  { database, artifacts, comfyui, engineFolder, minerHint, ...ground }: Ground,
  workflows: readonly WorkflowDefinition[],
  url: () => string,
): Promise<Sequencer> {
  const { leaseSeconds = 15, allowPrivateInputs = true, corsOrigins = [], logger } = ground;
  const { sorted, isRunnable } = await sortWorkflows(comfyui, workflows);
  return await createSequencer({
    // the next sequencer goes on with it
    database: { ...database, close: async () => {} },
    artifacts: createFolderStore(artifacts),
    workflows: sorted,
    leaseSeconds,
    refuseUnservable: (workflow) => (isRunnable(workflow) ? undefined : describeMissing(workflow, minerHint?.(url()))),
    // what the engine's own model draws
    ...(engineFolder && { adviseTask: await createPromptAdvice(workflows, () => minerHint?.(url())) }),
    // your app runs on this machine too
    allowPrivateWebhooks: allowPrivateInputs,
    corsOrigins,
    ...(logger && { logger }),
  });
}

function openMiner(
  { comfyui, engineFolder, allowPrivateInputs = true, logger }: Ground,
  workflows: readonly WorkflowDefinition[],
  sequencer: string,
  key: string,
): Miner {
  return createMiner({
    sequencer,
    key,
    comfyui,
    ...(engineFolder && { comfyuiFolder: engineFolder }),
    workflows,
    allowPrivateInputs,
    // the only miner: a task claimed ahead would look as if it were running
    prefetch: 0,
    ...(logger && { logger }),
  });
}

/** Tasks may come before the first miner has: so those that this machine can run come first. */
async function sortWorkflows(url: string, workflows: readonly WorkflowDefinition[]) {
  const checks = await checkWorkflows(new ComfyClient({ url }), workflows);
  const [runnable, others] = [true, false].map((isRunnable) =>
    checks.filter(({ missing }) => (missing.length === 0) === isRunnable).map(({ definition }) => definition),
  ) as [WorkflowDefinition[], WorkflowDefinition[]];
  const ids = new Set(runnable.map(({ workflow_id }) => workflow_id));
  return {
    sorted: [...runnable, ...others],
    isRunnable: ({ workflow_id }: WorkflowDefinition) => ids.has(workflow_id),
  };
}

function describeMissing({ workflow_id }: WorkflowDefinition, hint: string | undefined): string {
  return `For ${workflow_id}, connect a miner whose ComfyUI has its models${hint ? `: ${hint}` : '.'}`;
}
