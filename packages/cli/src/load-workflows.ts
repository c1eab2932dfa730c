import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HeuristError } from '@heurist/core';
import { defineWorkflow, type WorkflowDefinition, type WorkflowSource } from '@heurist/core/definition';

/**
 * The workflows of packages: by module name, as an app in the current folder would import it, or by the path of a
 * package's folder or of a module.
 *
 * @throws {HeuristError} `invalid_configuration` for what cannot be loaded, or has the id of another workflow
 */
export async function loadWorkflows(
  sources: readonly string[],
  builtIn: readonly WorkflowDefinition[],
): Promise<WorkflowDefinition[]> {
  const loaded = [...builtIn];
  for (const source of sources)
    for (const definition of await loadPackage(source)) {
      if (loaded.some(({ workflow_id }) => workflow_id === definition.workflow_id))
        throw invalid(source, `has a workflow "${definition.workflow_id}", which is there already`);
      loaded.push(definition);
    }
  return loaded;
}

function invalid(source: string, problem: string, cause?: unknown): HeuristError {
  return new HeuristError(`Workflow package "${source}" ${problem}.`, { code: 'invalid_configuration', cause });
}

async function loadPackage(source: string): Promise<WorkflowDefinition[]> {
  const module = await import(pathToFileURL(locate(source)).href).catch((cause) => {
    throw invalid(source, `cannot be loaded (${cause.message})`, cause);
  });
  if (!Array.isArray(module.definitions) || !module.definitions.length)
    throw invalid(source, 'exports no `definitions`: an array, each made by defineWorkflow');
  const schemaless = module.definitions.find(({ parameters }: Partial<WorkflowSource>) => !parameters?._zod);
  if (schemaless)
    throw invalid(source, `is not right: the parameters of "${schemaless.workflow_id}" are no zod schema`);
  try {
    return module.definitions.map((definition: WorkflowSource) => defineWorkflow(definition));
  } catch (cause) {
    throw invalid(source, `is not right: ${(cause as Error).message}`, cause);
  }
}

function locate(source: string): string {
  const path = resolve(source);
  if (existsSync(path)) return statSync(path).isDirectory() ? locateInFolder(source, path) : path;
  if (/^[./~]/.test(source)) throw invalid(source, 'is not there. Check the path');
  const folders = createRequire(join(process.cwd(), 'index.js')).resolve.paths(source) ?? [];
  const folder = folders.map((parent) => join(parent, source)).find((candidate) => existsSync(candidate));
  if (!folder) throw invalid(source, `is not installed here, nor is it a path. Try: npm install ${source}`);
  return locateInFolder(source, folder);
}

function locateInFolder(source: string, folder: string): string {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) throw invalid(source, 'is a folder without package.json');
  const entry = JSON.parse(readFileSync(manifest, 'utf8')).exports?.['./definition'];
  const file = typeof entry === 'string' ? entry : (entry?.default ?? entry?.import?.default ?? entry?.import);
  if (typeof file !== 'string') throw invalid(source, 'has no export "./definition" in its package.json');
  const path = join(folder, file);
  if (!existsSync(path)) throw invalid(source, `is not built: run "npm install && npm run build" in ${folder}`);
  return path;
}

/** Takes `--workflow <package>`, wherever it stands and as often as it does, out of the arguments. */
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
