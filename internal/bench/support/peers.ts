import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What ours is compared with, pinned: figures of two runs must mean the same. */
const PEERS = ['heurist@0.0.43', '@fal-ai/client@1.10.1', 'replicate', '@comfyorg/sdk@0.1.9'];

/** Installs the peers from npm into a temporary folder, runs, and removes it. */
export async function withPeers<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'peers-'));
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'peers', private: true, type: 'module' }));
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...PEERS], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
