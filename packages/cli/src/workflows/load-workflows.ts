import { pathToFileURL } from 'node:url';
import { defineWorkflow, type WorkflowDefinition, type WorkflowSource } from '@heurist/core/definition';
import { badPackage, locateDefinitions } from './locate-package.ts';

/** How a package is loaded. */
export interface LoadOptions {
  /** Take the TypeScript of a package that is being written, rather than what was built of it. Default `false`. */
  prefersSource?: boolean;
  /** Imports the module at an address. Default: as any module, once. */
  importModule?: (url: string) => Promise<{ definitions?: unknown }>;
}

/**
 * Loads the workflows of packages, each given by its module name, as an app in the current folder would import it, or by
 * the path of its folder or module.
 *
 * @param sources - names and paths
 * @param builtIn - workflows that come first in the result
 * @throws {HeuristError} `invalid_configuration` if a package cannot be loaded, or has the id of another workflow
 */
export async function loadWorkflows(
  sources: readonly string[],
  builtIn: readonly WorkflowDefinition[],
  options: LoadOptions = {},
): Promise<WorkflowDefinition[]> {
  const loaded = [...builtIn];
  for (const source of sources)
    for (const definition of await loadPackage(source, options)) {
      if (loaded.some(({ workflow_id }) => workflow_id === definition.workflow_id))
        throw badPackage(source, `has a workflow "${definition.workflow_id}", an id that is already in use`);
      loaded.push(definition);
    }
  return loaded;
}

async function loadPackage(
  source: string,
  { prefersSource = false, importModule = (url) => import(url) }: LoadOptions,
): Promise<WorkflowDefinition[]> {
  const path = locateDefinitions(source, prefersSource);
  const module = await importModule(pathToFileURL(path).href).catch((cause) => {
    throw badPackage(source, `cannot be loaded (${placeOf(cause)}${String(cause.message).split('\n')[0]})`, cause);
  });
  if (!Array.isArray(module.definitions) || !module.definitions.length)
    throw badPackage(source, 'does not export `definitions`, an array of results of defineWorkflow');
  const schemaless = module.definitions.find(({ parameters }: Partial<WorkflowSource>) => !parameters?._zod);
  if (schemaless)
    throw badPackage(source, `is invalid: the parameters of "${schemaless.workflow_id}" are not a zod schema`);
  try {
    return module.definitions.map((definition: WorkflowSource) => defineWorkflow(definition));
  } catch (cause) {
    throw badPackage(source, `is invalid: ${(cause as Error).message.replace(/\.$/, '')}`, cause);
  }
}

/** Where a slip in the syntax is: Node puts it before the stack, and not into the message. */
function placeOf({ stack = '' }: Error): string {
  const [, path, line] = /^file:\/\/([^\n?]+)(?:\?[^\n:]*)?:(\d+)\n/.exec(stack) ?? [];
  return path ? `${path}:${line}: ` : '';
}

/** Takes each `--workflow <package>` out of the arguments, wherever it stands. */
export function takeWorkflowOptions(args: readonly string[]): { sources: string[]; rest: string[] } {
  const sources: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === '--workflow' && index + 1 < args.length) sources.push(args[++index]!);
    else if (arg.startsWith('--workflow=')) sources.push(arg.slice('--workflow='.length));
    else rest.push(arg);
  }
  return { sources, rest };
}
