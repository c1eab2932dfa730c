import { PlanError } from './plan-error.ts';

/** @throws {PlanError} if a package cannot be called so */
export function checkPackageName(name: string): void {
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) return;
  throw new PlanError(
    `"${name}" is not a valid package name. Use lower-case letters, digits and dashes, such as my-flow.`,
    { code: 'invalid_configuration' },
  );
}

/** A name for the package of a file. */
export function proposeName(file: string): string {
  const name = file
    .replace(/\..*$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-$/g, '');
  return name || 'my-flow';
}
