import { createRequire } from 'node:module';
import packageJson from '../../package.json' with { type: 'json' };
import type { PackageVersions } from './package-files.ts';

/** The compiler that builds created packages. */
const TYPESCRIPT = '^7.0.2';

const require = createRequire(import.meta.url);

/** Versions of what a created package depends on: those that this command runs with. */
export function packageVersions(): PackageVersions {
  return {
    core: versionOf('@heurist/core'),
    zod: versionOf('zod'),
    typescript: TYPESCRIPT,
    cli: `^${packageJson.version}`,
    // this package does not depend on it
    dev: installed('@heurist/dev') ? versionOf('@heurist/dev') : 'latest',
  };
}

/** The range that begins with the version this command runs with. */
function versionOf(dependency: string): string {
  return `^${require(`${dependency}/package.json`).version}`;
}

function installed(dependency: string): boolean {
  try {
    require.resolve(`${dependency}/package.json`);
    return true;
  } catch {
    return false;
  }
}
