import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './pages.ts';

interface Manifest {
  name: string;
  private?: boolean;
  exports: Record<string, string | { '@heurist/source': string }>;
}

/** The source file of everything that users import, by what they import: `@heurist/core/node`. */
export function publicEntries(): Map<string, string> {
  const manifests = globSync('packages/{*,{network,workflows}/*}/package.json', { cwd: root }).sort();
  return new Map(manifests.flatMap(entriesOf));
}

function entriesOf(path: string): [string, string][] {
  const { name, private: isPrivate, exports }: Manifest = JSON.parse(readFileSync(join(root, path), 'utf8'));
  if (isPrivate) return [];
  return Object.entries(exports).flatMap(([subpath, target]): [string, string][] => {
    // an entry of the workspace alone has no other condition
    if (typeof target === 'string' || Object.keys(target).length === 1) return [];
    return [[join(name, subpath), join(root, dirname(path), target['@heurist/source'])]];
  });
}
