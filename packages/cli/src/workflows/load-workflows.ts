import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HeuristError } from '@heurist/core';
import { defineWorkflow, type WorkflowDefinition, type WorkflowSource } from '@heurist/core/definition';

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
): Promise<WorkflowDefinition[]> {
  const loaded = [...builtIn];
  for (const source of sources)
    for (const definition of await loadPackage(source)) {
      if (loaded.some(({ workflow_id }) => workflow_id === definition.workflow_id))
        throw invalid(source, `has a workflow "${definition.workflow_id}", an id that is already in use`);
      loaded.push(definition);
    }
  return loaded;
}

function invalid(source: string, problem: string, cause?: unknown): HeuristError {
  return new HeuristError(`Workflow package "${source}" ${problem}.`, { code: 'invalid_configuration', cause });
}

async function loadPackage(source: string): Promise<WorkflowDefinition[]> {
  const module = await import(pathToFileURL(locate(source)).href).catch((cause) => {
    throw invalid(source, `cannot be loaded (${String(cause.message).split('\n')[0]})`, cause);
  });
  if (!Array.isArray(module.definitions) || !module.definitions.length)
    throw invalid(source, 'does not export `definitions`, an array of results of defineWorkflow');
  const schemaless = module.definitions.find(({ parameters }: Partial<WorkflowSource>) => !parameters?._zod);
  if (schemaless)
    throw invalid(source, `is invalid: the parameters of "${schemaless.workflow_id}" are not a zod schema`);
  try {
    return module.definitions.map((definition: WorkflowSource) => defineWorkflow(definition));
  } catch (cause) {
    throw invalid(source, `is invalid: ${(cause as Error).message.replace(/\.$/, '')}`, cause);
  }
}

function locate(source: string): string {
  if (!source.trim()) throw invalid(source, 'has no name. Pass --workflow NAME, or the path of a package');
  const path = resolve(source);
  if (existsSync(path)) return statSync(path).isDirectory() ? locateInFolder(source, path) : path;
  if (/^[./~]/.test(source)) throw invalid(source, 'does not exist. Check the path');
  const folders = createRequire(join(process.cwd(), 'index.js')).resolve.paths(source) ?? [];
  const folder = folders.map((parent) => join(parent, source)).find((candidate) => existsSync(candidate));
  if (!folder) throw invalid(source, `is neither installed here nor a path. Try: npm install ${source}`);
  return locateInFolder(source, folder);
}

function locateInFolder(source: string, folder: string): string {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) throw invalid(source, 'has no package.json');
  const entry = JSON.parse(readFileSync(manifest, 'utf8')).exports?.['./definition'];
  const file = typeof entry === 'string' ? entry : (entry?.default ?? entry?.import?.default ?? entry?.import);
  if (typeof file !== 'string') throw invalid(source, 'has no export "./definition" in its package.json');
  const path = join(folder, file);
  if (!existsSync(path)) throw invalid(source, `is not built: run "npm install && npm run build" in ${folder}`);
  return path;
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
