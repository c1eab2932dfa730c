import type { WorkflowDefinition, WorkflowFamily } from '@heurist/core/definition';
import { CommandError } from '../output/command-error.ts';
import { hasAll } from './given-flags.ts';
import { families } from './workflows.ts';

/** Names of flags that other graphs of the family have, and this one has not. */
export function foreignFlags(definition: WorkflowDefinition): { family: WorkflowFamily; names: string[] } | undefined {
  const family = families.find(({ definitions }) => definitions.includes(definition));
  if (!family) return undefined;
  const names = family.definitions.flatMap(({ bindings }) => Object.keys(bindings));
  return { family, names: [...new Set(names)].filter((name) => !hasAll(definition, [name])) };
}

/** The error for a flag that only other graphs have. It says which. */
export function foreignFlag(family: WorkflowFamily, name: string, more = ''): CommandError {
  const ids = ownersOf(family, name);
  const message = `--${name} is an option of ${ids.join(', ')}: add --workflow-id ${ids[0]}${more}.`;
  return new CommandError(message, { code: 'invalid_parameters' });
}

/** The error for flags that no graph has together. */
export function mixedFlags(family: WorkflowFamily, names: readonly string[]): CommandError {
  const owned = names
    .filter((name) => ownersOf(family, name).length < family.definitions.length)
    .map((name) => `--${name} is an option of ${ownersOf(family, name).join(', ')}`);
  return new CommandError(`No graph of ${family.name} has all of these: ${owned.join('; ')}. Leave one out.`, {
    code: 'invalid_parameters',
  });
}

function ownersOf({ definitions }: WorkflowFamily, name: string): string[] {
  return definitions.filter((graph) => hasAll(graph, [name])).map(({ workflow_id }) => workflow_id);
}
