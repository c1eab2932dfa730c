import { basename } from 'node:path';
import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Planned } from '@heurist/graph-plan/edit-plan';
import type { GraphPlan } from '@heurist/graph-plan/find/graph-plan';
import { checkPackageName, proposeName } from '@heurist/graph-plan/package-name';
import { planWorkflow } from '@heurist/graph-plan/plan-workflow';
import { askPlan, type Terminal } from '../authoring/ask-plan.ts';
import { tryPlan } from '../authoring/try-plan.ts';
import type { StartDevNetwork } from '../network/local-network.ts';
import { CommandError } from '../output/command-error.ts';

/** What is known before anything is asked. */
export interface AskContext {
  /** The file of the graph, for a name. */
  file: string;
  name?: string | undefined;
  comfyui?: string | undefined;
  known: readonly WorkflowDefinition[];
  startLocalNetwork?: StartDevNetwork | undefined;
}

/** Lets a person change the plan, try it, and name the package. `undefined`: nothing is to be created. */
export async function askWorkflow(
  found: GraphPlan,
  planned: Planned,
  { file, name, comfyui, known, startLocalNetwork }: AskContext,
  terminal: Terminal,
): Promise<{ plan: GraphPlan; name: string } | undefined> {
  const { input } = await import('@inquirer/prompts');
  const tryIt = async (plan: GraphPlan) => {
    const workflow = planWorkflow(name ?? 'trial', planned.graph, known, planned.shapes, plan);
    const files: Record<string, string> = {};
    for (const option of workflow.parameters.filter(({ file: kind }) => kind))
      files[option.name] = await input(
        { message: `Path of ${option.name} (${option.file}):`, required: true },
        terminal,
      );
    await tryPlan(workflow, files, { comfyui, startLocalNetwork });
  };
  try {
    const plan = await askPlan(found, planned, { tryIt }, terminal);
    if (!plan) return undefined;
    return { plan, name: name ?? (await askName(file, known, terminal)) };
  } catch (error) {
    // Ctrl-C
    if ((error as Error).name === 'ExitPromptError')
      throw new CommandError('Canceled. Nothing was created.', { code: 'aborted', exitCode: 130 });
    throw error;
  }
}

async function askName(file: string, known: readonly WorkflowDefinition[], terminal: Terminal): Promise<string> {
  const { input } = await import('@inquirer/prompts');
  const validate = (text: string) => {
    try {
      checkPackageName(text, known);
      return true;
    } catch (error) {
      return (error as Error).message;
    }
  };
  return await input({ message: 'Name of the package:', default: proposeName(basename(file)), validate }, terminal);
}
