import type { WorkflowDefinition } from '@heurist/core/definition';
import { CommandError } from '../output/command-error.ts';

/** @throws {CommandError} if a package cannot be called so */
export function checkPackageName(name: string, known: readonly WorkflowDefinition[]): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new CommandError(
      `"${name}" is not a valid package name. Use lower-case letters, digits and dashes, such as my-flow.`,
    );
  if (known.some(({ workflow_id }) => workflow_id === name))
    throw new CommandError(`A workflow "${name}" already exists. Choose another name.`);
}
