import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Registry } from './registry.ts';
import { run } from './run.ts';

/** A package that is published. */
export interface PublicPackage {
  name: string;
  version: string;
  /** Its folder. */
  folder: string;
  /** What `turbo run pkgcheck` made of it. */
  tarball: string;
}

/** Every package of a clone that is published. */
export function listPackages(root: string): PublicPackage[] {
  return globSync('packages/{*,*/*}/package.json', { cwd: root, exclude: (name) => name === 'node_modules' })
    .map((path) => ({
      folder: join(root, dirname(path)),
      manifest: JSON.parse(readFileSync(join(root, path), 'utf8')),
    }))
    .filter(({ manifest }) => !manifest.private)
    .map(({ folder, manifest: { name, version } }) => ({
      name,
      version,
      folder,
      tarball: join(folder, '.pack/package.tgz'),
    }));
}

/** How many packages are sent at a time. */
const LANES = 4;

/** Sends packages to a registry. */
export async function publish(packages: readonly PublicPackage[], registry: Registry): Promise<void> {
  const left = [...packages];
  const lane = async () => {
    for (let next = left.pop(); next; next = left.pop())
      await run('npm', ['publish', next.tarball, '--registry', registry.url, '--access', 'public'], {
        cwd: next.folder,
        env: { [`npm_config_${registry.url.slice('http:'.length)}:_authToken`]: 'anybody' },
      });
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
