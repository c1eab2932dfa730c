import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const store = join(import.meta.dirname, 'folder-store.ts');

/** In a process of its own, since threads of tests share a working directory. It ends by itself, or not at all. */
const code = `
  import { mkdtempSync, rmSync } from 'node:fs';
  import { createFolderStore } from ${JSON.stringify(store)};
  const folder = mkdtempSync('/tmp/gone-');
  process.chdir(folder);
  const store = createFolderStore('data/artifacts');
  rmSync(folder, { recursive: true });
  const outcome = await store.check().then(() => 'stored', (error) => error.code);
  rmSync(folder, { recursive: true, force: true });
  console.log(outcome);
  process.exit();
`;

test.skipIf(process.platform === 'win32')(
  'a working directory that goes away stops nothing',
  async () => {
    const args = ['--conditions=@heurist/source', '--disable-warning=ExperimentalWarning', '--input-type=module'];
    const { stdout } = await promisify(execFile)(process.execPath, [...args, '--eval', code], { timeout: 20_000 });
    expect(stdout).toBe('stored\n');
  },
  40_000,
);
