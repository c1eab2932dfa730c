import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { createEngine } from '@heurist/engine';
import type { WorkflowCheck } from '@heurist/miner';
import { openDatabase } from '@heurist/sequencer';
import { tinyIconsModels } from '@heurist/tiny-icons';
import type { LocalNetworkOptions } from './local-network-options.ts';
import { ReplaceableServing } from './replaceable-serving.ts';
import type { Ground } from './serve-workflows.ts';

/** A running local network. */
export interface LocalNetwork {
  /** For `HEURIST_WORKFLOW_URL`. */
  url: string;
  /** For `HEURIST_API_KEY`. */
  apiKey: string;
  /** The ComfyUI that it runs on: the embedded engine, unless `comfyui` named another. */
  comfyuiUrl: string;
  /** For each workflow, what the engine lacks to run it. Miners that join may run the others. */
  readonly checks: readonly WorkflowCheck[];
  /**
   * Serves other workflows from now on, at the same address and with the same keys. A running task finishes first, with the
   * graph that it began with; those that wait, and new ones, run with the new graphs. Meanwhile calls are refused for about a
   * second, which the SDK retries. If the new workflows cannot be served, the old ones go on.
   *
   * @throws {HeuristError} if they cannot be served
   */
  replaceWorkflows(workflows: readonly WorkflowDefinition[]): Promise<void>;
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
  const open: Closable[] = [];
  async function close(options?: { withinMs?: number }) {
    for (const part of open.splice(0).reverse()) await part.close(options);
    if (dataDir === undefined) rmSync(folder, { recursive: true, force: true });
  }

  try {
    const ground = await layGround(options, folder, open);
    const served = await ReplaceableServing.start(ground, options.workflows, options.port ?? 0);
    open.push(served);
    return {
      url: served.url,
      apiKey: served.apiKey,
      comfyuiUrl: ground.comfyui,
      get checks() {
        return served.checks;
      },
      isBusy: () => served.isBusy,
      replaceWorkflows: (workflows) => served.replace(workflows),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Closable {
  close(options?: { withinMs?: number }): Promise<void>;
}

/**
 * Opens the database and the ComfyUI.
 *
 * @param open - gets what must be closed, in order
 */
async function layGround(options: LocalNetworkOptions, folder: string, open: Closable[]): Promise<Ground> {
  // the database first: it holds the lock on the folder
  const database = await openDatabase(options.dataDir);
  open.push(database);
  const ground = { ...options, database, artifacts: join(folder, 'artifacts') };
  if (options.comfyui) return { ...ground, comfyui: options.comfyui, engineFolder: undefined };
  const engineFolder = join(folder, 'engine');
  const { runtime = 'auto' } = options;
  const engine = await createEngine({ dataDir: engineFolder, models: [tinyIconsModels], runtime });
  open.push(engine);
  return { ...ground, comfyui: engine.url, engineFolder };
}
