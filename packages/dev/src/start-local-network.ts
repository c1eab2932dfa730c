import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComfyClient } from '@heurist/comfyui';
import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Logger } from '@heurist/core/protocol';
import { createEngine, type Engine, type InferenceRuntime } from '@heurist/engine';
import { checkWorkflows, createMiner, type Miner, type WorkflowCheck } from '@heurist/miner';
import { createFolderStore, createSequencer, openDatabase, type Sequencer } from '@heurist/sequencer';
import { tinyIconsModels } from '@heurist/tiny-icons';
import { loadCredentials } from './credentials.ts';

/** Settings of a local network. */
export interface LocalNetworkOptions {
  /** What it can run. */
  workflows: readonly WorkflowDefinition[];
  /** Where queue, files and keys are kept. Default: in memory and in a temporary folder, gone at the end. */
  dataDir?: string;
  /** Port of the sequencer. Default: a free one. */
  port?: number;
  /** Which ONNX runtime the engine takes. Default `auto`. */
  runtime?: InferenceRuntime;
  /**
   * Let tasks read addresses of this machine and of private networks, such as your app's own development server, and
   * tell them of their end.
   * Default `true`: on a local network whoever submits tasks is at home here anyway.
   */
  allowPrivateInputs?: boolean;
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
  /** What the engine can run; of the other workflows, what is missing. Miners that join may run those. */
  checks: readonly WorkflowCheck[];
  /** Finishes the running task, then closes everything. */
  close(): Promise<void>;
}

/**
 * Starts a whole network in this process: sequencer, miner and CPU engine. No GPU, no account, no download.
 *
 * @throws {HeuristError} when the data folder is in use, or the port taken
 */
export async function startLocalNetwork(options: LocalNetworkOptions): Promise<LocalNetwork> {
  const { dataDir, workflows, port = 0, runtime = 'auto', allowPrivateInputs = true, logger } = options;
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'heurist-'));
  const parts: { engine?: Engine; sequencer?: Sequencer; miner?: Miner } = {};
  async function close() {
    await parts.miner?.stop();
    await parts.sequencer?.close();
    await parts.engine?.close();
    if (dataDir === undefined) rmSync(folder, { recursive: true, force: true });
  }

  try {
    // the database first: it holds the lock on the folder
    const database = await openDatabase(dataDir);
    parts.engine = await createEngine({ dataDir: join(folder, 'engine'), models: [tinyIconsModels], runtime });
    parts.sequencer = await createSequencer({
      database,
      artifacts: createFolderStore(join(folder, 'artifacts')),
      workflows: await runnableFirst(parts.engine, workflows),
      // everything is in one process, and may stall together: that is no miner that fell silent
      leaseSeconds: 15,
      // your app runs on this machine, too
      allowPrivateWebhooks: allowPrivateInputs,
      ...(logger && { logger }),
    });
    const url = await parts.sequencer.listen({ port });
    const keys = await loadCredentials(parts.sequencer, dataDir);
    parts.miner = createMiner({
      sequencer: url,
      key: keys.miner,
      comfyui: parts.engine.url,
      workflows,
      allowPrivateInputs,
      // the only miner: what it claimed ahead would only look as if it ran
      prefetch: 0,
      ...(logger && { logger }),
    });
    const checks = await parts.miner.start();
    return { url, apiKey: keys.consumer, comfyuiUrl: parts.engine.url, checks, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A sequencer takes the first workflow that fits a task which names none: here, one that this machine can run. */
async function runnableFirst(engine: Engine, workflows: readonly WorkflowDefinition[]): Promise<WorkflowDefinition[]> {
  const checks = await checkWorkflows(new ComfyClient({ url: engine.url }), workflows);
  const byWhetherRunnable = checks.toSorted((a, b) => Number(a.missing.length > 0) - Number(b.missing.length > 0));
  return byWhetherRunnable.map(({ definition }) => definition);
}
