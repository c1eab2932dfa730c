import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What ours is compared with, pinned: figures of two runs must mean the same. */
export const PEERS = {
  heurist: '0.0.43',
  '@fal-ai/client': '1.10.1',
  replicate: '1.4.0',
  '@comfyorg/sdk': '0.1.9',
};
export type PeerName = keyof typeof PEERS;

/**
 * Installs the peers from npm into a temporary folder, runs, and removes it.
 *
 * @param run - gets the folder and the peers that npm has; for the others, why they are missing is printed
 */
export async function withPeers<T>(run: (folder: string, peers: PeerName[]) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'peers-'));
  try {
    // optional: npm goes on without one that it cannot get
    const manifest = { name: 'peers', private: true, type: 'module', optionalDependencies: PEERS };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const names = Object.keys(PEERS) as PeerName[];
    const peers = names.filter((name) => existsSync(join(folder, 'node_modules', name, 'package.json')));
    for (const name of names.filter((each) => !peers.includes(each)))
      console.error(`${name} is missing. ${whyMissing(name)}`);
    return await run(folder, peers);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function whyMissing(name: PeerName): string {
  const { stderr } = spawnSync('npm', ['view', `${name}@${PEERS[name]}`, 'version'], { encoding: 'utf8' });
  return `npm says: ${stderr.trim().split('\n')[0] || 'it cannot be installed on this machine.'}`;
}
