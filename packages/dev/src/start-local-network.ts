import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCredentials } from '@heurist/cli/credentials';
import { ComfyClient } from '@heurist/comfyui';
import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Logger } from '@heurist/core/protocol';
import { createEngine, type Engine, type InferenceRuntime } from '@heurist/engine';
import { checkWorkflows, createMiner, type Miner, type WorkflowCheck } from '@heurist/miner';
import { createFolderStore, createSequencer, openDatabase, type Sequencer } from '@heurist/sequencer';
import { sleep } from '@heurist/server-kit/sleep';
import { tinyIconsModels } from '@heurist/tiny-icons';
import { createPromptAdvice } from './advise-prompt.ts';

/** How long giving a task back may take. */
const GIVE_BACK_MS = 2000;

/** Settings of a local network. */
export interface LocalNetworkOptions {
  /** What it should run. */
  workflows: readonly WorkflowDefinition[];
  /** Where the queue, files and keys are stored. Default: in memory and in a temporary folder, deleted at the end. */
  dataDir?: string;
  /** Port of the sequencer. Default: any free port. */
  port?: number;
  /** ONNX runtime of the engine. Default `auto`. */
  runtime?: InferenceRuntime;
  /**
   * Whether tasks may read inputs from this machine and from private networks, such as your app's development server,
   * and send webhooks there. Default `true`: on a local network, tasks are your own.
   */
  allowPrivateInputs?: boolean;
  /** Origins of web pages that may call it with a session token, such as `http://localhost:5173`. Default: none. */
  corsOrigins?: readonly string[];
  /**
   * Seconds without a heartbeat after which a task is retried. Default 15: all parts share a process and may stall
   * together, which does not mean that the miner is lost.
   */
  leaseSeconds?: number;
  /**
   * How to connect a miner to the network at this address, such as a command line. It ends the error for tasks that need one.
   * Default: not said.
   */
  minerHint?: (url: string) => string;
  logger?: Logger;
}

/** A running local network. */
export interface LocalNetwork {
  /** For `HEURIST_WORKFLOW_URL`. */
  url: string;
  /** For `HEURIST_API_KEY`. */
  apiKey: string;
  /** The embedded ComfyUI-compatible server. */
  comfyuiUrl: string;
  /** For each workflow, what the engine lacks to run it. Miners that join may run the others. */
  checks: readonly WorkflowCheck[];
  /** Whether a task runs, which `close` would wait for. */
  isBusy(): boolean;
  /**
   * Finishes the running task, then closes everything.
   *
   * @param options - `withinMs`: how long the task may take; after that it is given back, and runs again when the network starts with
   *   the same `dataDir`. The promise still waits until the engine has ended the step that it is at. Default: any time
   */
  close(options?: { withinMs?: number }): Promise<void>;
}

/**
 * Starts a network in this process: sequencer, miner and CPU engine. It needs no GPU, account or download. Tasks of workflows that
 * the engine cannot run, and no other connected miner runs, are refused with `unservable`.
 *
 * @throws {HeuristError} `invalid_configuration` if the data folder or the port is in use
 */
export async function startLocalNetwork(options: LocalNetworkOptions): Promise<LocalNetwork> {
  const { dataDir } = options;
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'heurist-'));
  const parts: Parts = {};
  async function close({ withinMs }: { withinMs?: number } = {}) {
    if (parts.miner) await stopMiner(parts.miner, withinMs);
    await parts.sequencer?.close();
    await parts.engine?.close();
    if (dataDir === undefined) rmSync(folder, { recursive: true, force: true });
  }

  try {
    const isBusy = () => (parts.miner?.status().running ?? 0) > 0;
    return { ...(await startParts(options, folder, parts)), isBusy, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What has been started so far. */
interface Parts {
  engine?: Engine;
  sequencer?: Sequencer;
  miner?: Miner;
}

async function startParts(
  options: LocalNetworkOptions,
  folder: string,
  parts: Parts,
): Promise<Omit<LocalNetwork, 'isBusy' | 'close'>> {
  const { dataDir, port = 0, runtime = 'auto', allowPrivateInputs = true, leaseSeconds = 15, minerHint } = options;
  const logger = options.logger && { logger: options.logger };
  // the database first: it holds the lock on the folder
  const database = await openDatabase(dataDir);
  parts.engine = await createEngine({ dataDir: join(folder, 'engine'), models: [tinyIconsModels], runtime });
  const { workflows, isRunnable } = await sortWorkflows(parts.engine, options.workflows);
  let url = '';
  parts.sequencer = await createSequencer({
    database,
    artifacts: createFolderStore(join(folder, 'artifacts')),
    workflows,
    leaseSeconds,
    refuseUnservable: (workflow) => (isRunnable(workflow) ? undefined : describeMissing(workflow, minerHint?.(url))),
    adviseTask: await createPromptAdvice(workflows, () => minerHint?.(url)),
    // your app runs on this machine too
    allowPrivateWebhooks: allowPrivateInputs,
    corsOrigins: options.corsOrigins ?? [],
    ...logger,
  });
  url = await parts.sequencer.listen({ port });
  const { miner, consumer } = await loadCredentials(parts.sequencer, dataDir, ['miner', 'consumer']);
  parts.miner = createMiner({
    sequencer: url,
    key: miner!,
    comfyui: parts.engine.url,
    comfyuiFolder: join(folder, 'engine'),
    workflows: options.workflows,
    allowPrivateInputs,
    // the only miner: a task claimed ahead would look as if it were running
    prefetch: 0,
    ...logger,
  });
  const checks = await parts.miner.start();
  return { url, apiKey: consumer!, comfyuiUrl: parts.engine.url, checks };
}

async function stopMiner(miner: Miner, withinMs: number | undefined): Promise<void> {
  const stopped = miner.stop();
  if (withinMs === undefined) return await stopped;
  if (await isDoneWithin(stopped, withinMs)) return;
  // the engine may be in the middle of a long step: then the lease of the task runs out
  await isDoneWithin(miner.stop({ giveBack: true }), GIVE_BACK_MS);
}

async function isDoneWithin(done: Promise<void>, ms: number): Promise<boolean> {
  const waited = new AbortController();
  const late = sleep(ms, waited.signal).then(() => false);
  const isDone = await Promise.race([done.then(() => true), late]);
  waited.abort();
  return isDone;
}

/** Tasks may come before the first miner has: so those that this machine can run come first. */
async function sortWorkflows(engine: Engine, workflows: readonly WorkflowDefinition[]) {
  const checks = await checkWorkflows(new ComfyClient({ url: engine.url }), workflows);
  const [runnable, others] = [true, false].map((isRunnable) =>
    checks.filter(({ missing }) => (missing.length === 0) === isRunnable).map(({ definition }) => definition),
  ) as [WorkflowDefinition[], WorkflowDefinition[]];
  const ids = new Set(runnable.map(({ workflow_id }) => workflow_id));
  return {
    workflows: [...runnable, ...others],
    isRunnable: ({ workflow_id }: WorkflowDefinition) => ids.has(workflow_id),
  };
}

function describeMissing({ workflow_id }: WorkflowDefinition, hint: string | undefined): string {
  return `For ${workflow_id}, connect a miner whose ComfyUI has its models${hint ? `: ${hint}` : '.'}`;
}
