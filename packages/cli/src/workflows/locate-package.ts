import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { HeuristError } from '@heurist/core';

/** An error about a workflow package. */
export function badPackage(source: string, problem: string, cause?: unknown): HeuristError {
  return new HeuristError(`Workflow package "${source}" ${problem}.`, { code: 'invalid_configuration', cause });
}

/**
 * The module with the definitions of a package.
 *
 * @param source - name of a module, as an app in the current folder would import it, or the path of its folder or module
 * @param prefersSource - take `src/definition.ts` rather than what was built of it
 * @throws {HeuristError} `invalid_configuration`
 */
export function locateDefinitions(source: string, prefersSource = false): string {
  const path = locatePackage(source);
  return statSync(path).isDirectory() ? locateInFolder(source, path, prefersSource) : path;
}

/** The folder of a package, or the path of a module. */
function locatePackage(source: string): string {
  if (!source.trim()) throw badPackage(source, 'has no name. Pass --workflow NAME, or the path of a package');
  const path = resolve(source);
  if (existsSync(path)) return path;
  if (/^[./~]/.test(source)) throw badPackage(source, 'does not exist. Check the path');
  const folders = createRequire(join(process.cwd(), 'index.js')).resolve.paths(source) ?? [];
  const folder = folders.map((parent) => join(parent, source)).find((candidate) => existsSync(candidate));
  if (!folder) throw badPackage(source, `is neither installed here nor a path. Try: npm install ${source}`);
  return folder;
}

function locateInFolder(source: string, folder: string, prefersSource: boolean): string {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) throw badPackage(source, 'has no package.json');
  const file = definitionEntry(manifest);
  if (typeof file !== 'string') throw badPackage(source, 'has no export "./definition" in its package.json');
  const path = join(folder, file);
  const written = prefersSource ? sourceOf(folder, file) : undefined;
  if (written) return written;
  if (!existsSync(path)) throw badPackage(source, `is not built: run "npm install && npm run build" in ${folder}`);
  return path;
}

/** What a manifest exports as `./definition`. */
export function definitionEntry(manifest: string): unknown {
  const entry = readManifest(manifest).exports?.['./definition'];
  return typeof entry === 'string' ? entry : (entry?.default ?? entry?.import?.default ?? entry?.import);
}

type Entry = string | { default?: unknown; import?: { default?: unknown } };

function readManifest(path: string): { exports?: Record<string, Entry> } {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw badPackage(dirname(path), `has a package.json that is not valid JSON (${(cause as Error).message})`, cause);
  }
}

/** `src/definition.ts` of `dist/definition.js`. Node runs TypeScript, but not what is installed. */
function sourceOf(folder: string, file: string): string | undefined {
  const path = join(folder, file.replace(/^(\.\/)?dist\//, 'src/').replace(/\.js$/, '.ts'));
  return path.endsWith('.ts') && existsSync(path) && !realpathSync(path).includes('/node_modules/') ? path : undefined;
}
