import { extname, join } from 'node:path';
import { Heurist, HeuristError, type TaskOutput } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { saveOutput } from '@heurist/core/node';
import type { LocalNetwork } from '@heurist/dev';
import { DefinitionTask, uploadFiles } from '../definition-task.ts';
import { createProgressView } from '../progress-view.ts';
import { untilStopped } from '../until-stopped.ts';

/** Options of `heurist run` that are none of the workflow. */
export interface RunOptions {
  /** A workflow id; or the name of a family, where the network picks the graph. Files that are made are called so. */
  name: string;
  out: string;
  /** In seconds. */
  timeout: number;
  /** Start a network in this process, and end it afterwards. */
  local?: boolean;
  allowInsecureHttp?: boolean;
}

/** Runs a workflow on the network that the environment names, or on one of its own, and saves what it makes. */
export async function run(
  definition: WorkflowDefinition,
  parameters: Record<string, unknown>,
  { local, allowInsecureHttp, ...options }: RunOptions,
): Promise<void> {
  if (!local) return await runOn(new Heurist({ allowInsecureHttp }), definition, parameters, options);
  const network = await startOwnNetwork(definition);
  try {
    await runOn(new Heurist({ workflowURL: network.url, apiKey: network.apiKey }), definition, parameters, options);
  } finally {
    await network.close();
  }
}

/** @throws {HeuristError} when the CPU engine cannot run the workflow, before anything waits for it */
async function startOwnNetwork(definition: WorkflowDefinition): Promise<LocalNetwork> {
  const { startLocalNetwork } = await import('@heurist/dev');
  try {
    return await startLocalNetwork({ workflows: [definition] });
  } catch (cause) {
    throw new HeuristError(
      `${definition.workflow_id} does not run on this machine alone. With --local there are text2image, image2image, inpaint and upscaler; for the others join a miner beside a ComfyUI with a GPU (heurist miner --help). ${(cause as Error).message}`,
      { code: 'invalid_configuration', cause },
    );
  }
}

/** Prints the paths of what it saves, and on the other stream the seed that makes it again. */
async function runOn(
  heurist: Heurist,
  definition: WorkflowDefinition,
  parameters: Record<string, unknown>,
  { name, out, timeout }: Pick<RunOptions, 'name' | 'out' | 'timeout'>,
): Promise<void> {
  const stop = new AbortController();
  void untilStopped().then(() => stop.abort());
  const task = new DefinitionTask(definition, await uploadFiles(heurist, definition, parameters), {
    namesGraph: name === definition.workflow_id,
  });
  const view = createProgressView();
  try {
    const wait = { timeout: timeout * 1000, signal: stop.signal, onProgress: view.show, onAbort: 'leave' as const };
    const { task_id, outputs, seed } = await heurist.workflow
      .run(task, wait)
      .catch((error) => cancelAndThrow(heurist, error));
    view.end();
    for (const [index, output] of outputs.entries()) {
      const file = `${name}-${task_id.slice(0, 8)}${index ? `-${index + 1}` : ''}${extensionOf(output)}`;
      const path = await saveOutput(output, join(out, file));
      process.stdout.write(`${path}\n`);
    }
    if (seed !== undefined) process.stderr.write(`seed ${seed}\n`);
  } finally {
    view.end();
  }
}

/** The process ends with the error, so the cancel is awaited here rather than left to the background. */
async function cancelAndThrow(heurist: Heurist, error: unknown): Promise<never> {
  const isOurs = HeuristError.isInstance(error) && ['aborted', 'task_timeout'].includes(error.code);
  if (isOurs && error.task_id) await heurist.workflow.cancelTask(error.task_id).catch(() => {});
  throw error;
}

function extensionOf({ filename, content_type }: TaskOutput): string {
  return extname(new URL(filename, 'file:///').pathname) || `.${content_type.split(/[/;]/)[1]}`;
}
