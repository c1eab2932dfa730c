import type { WorkflowDefinition } from '@heurist/core/definition';
import { checkPackageName as checkSpelling } from '@heurist/graph-plan/package-name';
import { CommandError } from '../output/command-error.ts';

/** @throws {HeuristError} if a package cannot be called so */
export function checkPackageName(name: string, known: readonly WorkflowDefinition[]): void {
  checkSpelling(name);
  if (known.some(({ workflow_id }) => workflow_id === name))
    throw new CommandError(`A workflow "${name}" already exists. Choose another name.`);
}
