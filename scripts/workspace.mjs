// Shared by the two README commands. Runs on the host's Node (20 or newer), before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 11)) {
  console.error(
    `This clone needs Node 20.20 or newer; this is ${process.versions.node}. Install Node 24: https://nodejs.org`,
  );
  process.exit(1);
}

const root = resolve(import.meta.dirname, '..');
const PNPM = 'pnpm@12.21.0';

/** Runs a shell line with pnpm and the workspace's own tools on the PATH. Returns the exit code. A quiet one prints only if it fails. */
export function withPnpm(line, env = {}, { quiet = false } = {}) {
  const { status, stdout, stderr } = spawnSync(
    'npx',
    ['--yes', '--prefer-offline', `--package=${PNPM}`, '--call', line],
    {
      cwd: root,
      stdio: quiet ? 'pipe' : 'inherit',
      shell: process.platform === 'win32',
      env: { ...process.env, ...env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
    },
  );
  if (quiet && status !== 0) process.stderr.write(`${stdout}${stderr}`);
  return status ?? 1;
}

/** The Node that the install brought, else the host's. */
function nodeBinary() {
  const own = resolve(root, 'node_modules/.bin/node');
  return existsSync(own) ? own : process.execPath;
}

/** Runs a program of the workspace with its own Node. Returns the exit code. */
export function runNode(args, env = {}) {
  const { status } = spawnSync(nodeBinary(), args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, HEURIST_CLONE: '1', ...env },
  });
  return status ?? 1;
}
