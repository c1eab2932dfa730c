import { PlanError } from './plan-error.ts';

/**
 * @param known - the workflows that there are already
 * @throws {PlanError} if a package cannot be called so
 */
export function checkPackageName(name: string, known: readonly { workflow_id: string }[]): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw invalid(`"${name}" is not a valid package name. Use lower-case letters, digits and dashes, such as my-flow.`);
  if (known.some(({ workflow_id }) => workflow_id === name))
    throw invalid(`A workflow "${name}" already exists. Choose another name.`);
}

const invalid = (message: string) => new PlanError(message, { code: 'invalid_configuration' });

/** A name for the package of a file. */
export function proposeName(file: string): string {
  const name = file
    .replace(/\..*$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-$/g, '');
  return name || 'my-flow';
}
