import { extname, join } from 'node:path';
import { Heurist, HeuristError, type TaskOutput } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { saveOutput } from '@heurist/core/node';
import { DefinitionTask, uploadFiles } from '../definition-task.ts';
import { createProgressView } from '../progress-view.ts';
import { untilStopped } from '../until-stopped.ts';

/** Runs a workflow on the network that the environment names, and saves what it makes. Prints the paths. */
export async function run(
  definition: WorkflowDefinition,
  parameters: Record<string, unknown>,
  { out, timeout, allowInsecureHttp }: { out: string; timeout: number; allowInsecureHttp?: boolean },
): Promise<void> {
  const heurist = new Heurist({ allowInsecureHttp });
  const stop = new AbortController();
  void untilStopped().then(() => stop.abort());
  const task = new DefinitionTask(definition, await uploadFiles(heurist, definition, parameters));
  const view = createProgressView();
  try {
    const wait = { timeout: timeout * 1000, signal: stop.signal, onProgress: view.show, onAbort: 'leave' as const };
    const { task_id, outputs } = await heurist.workflow
      .run(task, wait)
      .catch((error) => cancelAndThrow(heurist, error));
    view.end();
    for (const [index, output] of outputs.entries()) {
      const name = `${definition.workflow_id}-${task_id.slice(0, 8)}${index ? `-${index + 1}` : ''}`;
      const path = await saveOutput(output, join(out, `${name}${extensionOf(output)}`));
      process.stdout.write(`${path}\n`);
    }
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
