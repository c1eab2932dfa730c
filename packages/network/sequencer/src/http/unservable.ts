import { checkParameters, HeuristError } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import type { SequencerServices } from './services.ts';

/** What decides who can run a task. */
export interface Asked {
  workflow_id: string;
  task_type: string;
  parameters: unknown;
}

type Services = Pick<SequencerServices, 'miners' | 'workflows' | 'refuseUnservable'>;

/** How many workflows a message names. */
const MAX_NAMED = 5;

/** The warning for a consumer whose task no connected miner can run: with what runs here instead. */
export async function warningFor(services: Services, asked: Asked): Promise<string | undefined> {
  const warning = await services.miners.warningFor(asked.workflow_id);
  return warning && `${warning} ${describeServed(await findServed(services), asked)}`;
}

/** The error for a task that no connected miner can run, if the network or the submit refuses such tasks. */
export async function findRefusal(
  services: Services,
  definition: WorkflowDefinition,
  parameters: unknown,
  isUnwanted: boolean,
): Promise<HeuristError | undefined> {
  const { workflow_id, task_type } = definition;
  if (await services.miners.isServed(workflow_id)) return undefined;
  const isKnown = isUnwanted && (await services.miners.warningFor(workflow_id)) !== undefined;
  const advice =
    services.refuseUnservable(definition) ??
    (isKnown ? 'Try again later, or submit without reject_if_unservable.' : undefined);
  if (advice === undefined) return undefined;
  const served = describeServed(await findServed(services), { workflow_id, task_type, parameters });
  return new HeuristError(`No miner connected to this network runs workflow ${workflow_id}. ${served} ${advice}`, {
    code: 'unservable',
  });
}

async function findServed({ miners, workflows }: Services): Promise<WorkflowDefinition[]> {
  const ids = new Set((await miners.list()).flatMap(({ workflow_ids }) => workflow_ids));
  return workflows.filter(({ workflow_id }) => ids.has(workflow_id));
}

/** What runs here: of the same type, and why not this task; else of any type. */
function describeServed(served: readonly WorkflowDefinition[], { task_type, parameters }: Asked): string {
  const family = served.filter((definition) => definition.task_type === task_type);
  if (family.length)
    return family
      .slice(0, MAX_NAMED)
      .map((definition) => describeFit(definition, parameters))
      .join(' ');
  if (!served.length) return 'No miner is connected.';
  const names = served.slice(0, MAX_NAMED).map(({ workflow_id }) => workflow_id);
  const more = served.length > MAX_NAMED ? ` and ${served.length - MAX_NAMED} more` : '';
  return `This network runs ${names.join(', ')}${more}.`;
}

function describeFit({ workflow_id, parameters: schema }: WorkflowDefinition, parameters: unknown): string {
  try {
    checkParameters(`${workflow_id} runs here, but not with these parameters`, schema, parameters);
  } catch (error) {
    return (error as Error).message;
  }
  return `${workflow_id} runs here and takes these parameters.`;
}
