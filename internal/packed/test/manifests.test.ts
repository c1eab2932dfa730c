// What a registry and its tools read of each package. Facts about the repository stand in the root manifest.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { homepage, bugs, repository, license } = read('package.json');
const paths = globSync('packages/{*,*/*}/package.json', { cwd: root, exclude: (name) => name === 'node_modules' });

interface Entry {
  require?: { types: string; default: string };
}

/** What TypeScript and bundlers read that know no `exports`, for packages that apps import. */
function legacyEntries(exports: Record<string, Entry>) {
  const entry = exports['.']?.require;
  if (!entry) return {};
  const subpaths = Object.entries(exports).filter(([subpath, target]) => subpath !== '.' && target.require);
  const types = subpaths.map(([subpath, target]) => [subpath.slice('./'.length), [target.require!.types]]);
  return {
    main: entry.default,
    types: entry.types,
    ...(types.length && { typesVersions: { '*': Object.fromEntries(types) } }),
  };
}

describe.each(paths.filter((path) => !read(path).private).sort())('%s', (path) => {
  const manifest = read(path);
  const folder = dirname(path);

  test('says where it comes from', () => {
    expect(manifest).toMatchObject({ homepage, bugs, license, repository: { ...repository, directory: folder } });
    expect(manifest.keywords).toEqual(expect.arrayContaining(['comfyui', 'heurist']));
    expect(manifest.publishConfig).toEqual({ access: 'public' });
  });

  test('has a licence and a README', () => {
    for (const file of ['LICENSE', 'README.md']) expect(existsSync(join(root, folder, file)), file).toBe(true);
  });

  test('is found by tools that know no `exports`', () => {
    const { main, types, typesVersions } = manifest;
    expect({ main, types, typesVersions }).toEqual({ main, types, typesVersions, ...legacyEntries(manifest.exports) });
    expect(manifest.scripts.pkgcheck).toContain(
      manifest.exports['.'].require ? '--profile strict' : '--profile esm-only',
    );
  });
});

test('no other page names another address', () => {
  const pages = globSync(['*.md', 'docs/**/*.md', '.github/**/*', 'packages/*/README.md'], { cwd: root }).filter(
    (path) => /\.(md|yml)$/.test(path),
  );
  const addresses = pages.flatMap(
    (path) => readFileSync(join(root, path), 'utf8').match(/https:\/\/github\.com\/[\w-]+\/heurist-sdk/g) ?? [],
  );
  expect(addresses.filter((address) => address !== homepage)).toEqual([]);
});
