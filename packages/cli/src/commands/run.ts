import { join } from 'node:path';
import { Heurist, TaskAbortedError, type TaskOutput, TaskTimeoutError } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { saveOutput } from '@heurist/core/node';
import { fileEnding } from '@heurist/core/protocol';
import { appConnection } from '../network/connection.ts';
import { type Context, explained } from '../network/explain-error.ts';
import { loadLocalNetwork } from '../network/load-local-network.ts';
import type { DevNetwork, StartDevNetwork } from '../network/local-network.ts';
import { requireReachable } from '../network/require-reachable.ts';
import { checkFolder } from '../output/check-folder.ts';
import { CommandError } from '../output/command-error.ts';
import { createProgressView, type ProgressView } from '../output/progress-view.ts';
import { spell } from '../system/spelling.ts';
import { listenForStop } from '../system/until-stopped.ts';
import { checkFlags, DefinitionTask, uploadFiles, urlInputs } from '../workflows/definition-task.ts';
import type { Runnable } from '../workflows/runnables.ts';
import { cpuFamilies, isCpuGraph } from '../workflows/workflows.ts';

/** Options of `heurist run` that do not belong to the workflow. */
export interface RunCommandOptions {
  out: string;
  /** In seconds. */
  timeout: number;
  /** Start a network in this process, and stop it afterwards. */
  local?: boolean;
  allowInsecureHttp?: boolean;
}

/** A task to run, and where its result goes. */
interface Order
  extends Pick<Runnable, 'name' | 'definition' | 'namesGraph'>,
    Pick<RunCommandOptions, 'out' | 'timeout'> {
  parameters: Record<string, unknown>;
}

interface Job extends Order {
  /** Ends it. */
  signal: AbortSignal;
}

/** Runs a workflow on the network that the environment names, or on a local one, and saves its results. */
export async function run(
  runnable: Runnable,
  parameters: Record<string, unknown>,
  { local, allowInsecureHttp, ...options }: RunCommandOptions,
  startLocalNetwork?: StartDevNetwork,
): Promise<void> {
  const definition = local ? requireCpu(runnable) : runnable.definition;
  const order = { ...runnable, definition, parameters, ...options };
  if (local)
    return await runOnOwn(order, async () =>
      startFor(definition, startLocalNetwork ?? (await loadLocalNetwork(`\`${spell('run --local')}\``))),
    );
  await untilStopped(order, async (job) => {
    const connection = appConnection(allowInsecureHttp);
    await explained(connection, () => requireReachable(connection.address.value!, job.signal));
    await runOn(new Heurist({ allowInsecureHttp }), job, connection);
  });
}

/** Runs a workflow on a network that is started for it and closed afterwards, and saves its results. */
export async function runOnOwn(order: Order, start: () => Promise<DevNetwork>): Promise<void> {
  await untilStopped(order, async (job) => {
    const network = await start();
    try {
      await runOn(new Heurist({ workflowURL: network.url, apiKey: network.apiKey }), job, {});
    } finally {
      await network.close();
    }
  });
}

async function untilStopped(order: Order, work: (job: Job) => Promise<void>): Promise<void> {
  checkFlags(order.definition, order.parameters);
  checkFolder(order.out);
  const stop = listenForStop();
  try {
    await work({ ...order, signal: stop.signal });
  } finally {
    stop.ignore();
  }
}

/** @throws {CommandError} if the workflow is known to need a GPU */
function requireCpu({ name, local }: Runnable): WorkflowDefinition {
  if (local) return local;
  throw needsGpu(name);
}

function needsGpu(name: string, cause?: unknown): CommandError {
  const names = cpuFamilies.map((family) => family.name).join(', ');
  const reason = cause ? ` ${(cause as Error).message}` : '';
  return new CommandError(
    `${name} needs a GPU. --local supports ${names}; for others, start a miner next to a ComfyUI (${spell('miner --help')}).${reason}`,
    { cause },
  );
}

/** @throws {CommandError} if the engine cannot run a workflow of another package, before anything waits for it */
async function startFor(definition: WorkflowDefinition, start: StartDevNetwork): Promise<DevNetwork> {
  try {
    return await start({ workflows: [definition] });
  } catch (cause) {
    throw isCpuGraph(definition.workflow_id) ? cause : needsGpu(definition.workflow_id, cause);
  }
}

/** Prints the paths of what it saves, and on stderr the seed that makes it again. */
async function runOn(heurist: Heurist, job: Job, connection: Context): Promise<void> {
  const { definition, parameters, timeout, signal } = job;
  const view = createProgressView();
  const context: Context = { ...connection, timeout, inputs: urlInputs(definition, parameters) };
  try {
    const { task_id, outputs, seed } = await explained(context, () => finish(heurist, job, view, context));
    view.end();
    for (const [index, output] of outputs.entries()) {
      const path = pathOf(job, task_id, index, output);
      await explained({ output: path }, () => saveOutput(output, path, { signal: unsaved(signal, path) }));
      process.stdout.write(`${path}\n`);
    }
    if (seed !== undefined) process.stderr.write(`seed ${seed}\n`);
  } finally {
    view.end();
  }
}

/** Submits the task and waits for its end. One that is given up is canceled; the context gets to know how that went. */
async function finish(heurist: Heurist, job: Job, view: ProgressView, context: Context) {
  const { definition, parameters, namesGraph, timeout, signal } = job;
  const limits = { signal, timeout: timeout * 1000 };
  const uploaded = await uploadFiles(heurist, definition, parameters, limits);
  signal.throwIfAborted();
  const task = new DefinitionTask(definition, uploaded, { namesGraph });
  return await heurist.workflow.run(task, { ...limits, onProgress: view.show }).catch(async (error) => {
    context.isCancelUnconfirmed = await isCancelUnconfirmed(error);
    throw error;
  });
}

/** The stop of the command, with an error that says what it costs: the task has finished. */
function unsaved(signal: AbortSignal, path: string): AbortSignal {
  const stop = new AbortController();
  const abort = () =>
    stop.abort(
      new CommandError(`Canceled. The task has finished, but ${path} was not saved.`, {
        code: 'aborted',
        exitCode: (signal.reason as CommandError).exitCode,
      }),
    );
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return stop.signal;
}

/** Whether a task may go on whose wait was given up. The process ends with the error, so what becomes of the task is awaited. */
async function isCancelUnconfirmed(error: unknown): Promise<boolean> {
  const isAborted = TaskAbortedError.isInstance(error);
  if (!isAborted && !TaskTimeoutError.isInstance(error)) return false;
  if (isAborted) process.stderr.write('Canceling the task; press Ctrl-C again to stop now.\n');
  return (await error.cancellation).outcome === 'unknown';
}

/** Where an output is saved. */
export function pathOf(
  { name, out }: Pick<Job, 'name' | 'out'>,
  task_id: string,
  index: number,
  output: TaskOutput,
): string {
  const number = index ? `-${index + 1}` : '';
  // nothing of what the miner chose goes into the path
  // other sequencers may say nothing but the URL
  const { content_type = '', filename } = output as Partial<TaskOutput>;
  return join(out, `${name}-${safeId(task_id)}${number}.${fileEnding(content_type, filename)}`);
}

/** Other sequencers may have other ids. */
const safeId = (task_id: string) => task_id.slice(0, 8).replaceAll(/[^\w-]/g, '_');
