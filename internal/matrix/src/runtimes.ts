// Programs that run JavaScript, from the registry of npm, each in one exact version.
import { join } from 'node:path';
import { type Stage, Unavailable } from './cell.ts';

/** A runtime: the npm package that has it for this machine, and its program in it. */
interface Runtime {
  spec: (platform: string, arch: string) => string | undefined;
  path: string;
}

const bunArch: Record<string, string> = { x64: 'x64', arm64: 'aarch64' };
const libc: Record<string, string> = { linux: '-glibc', darwin: '' };

const RUNTIMES = {
  'Node 22': { spec: (platform, arch) => `node-${platform}-${arch}@22.23.3`, path: 'bin/node' },
  'Node 24': { spec: (platform, arch) => `node-${platform}-${arch}@24.21.0`, path: 'bin/node' },
  'Bun 1.4': { spec: (platform, arch) => `@oven/bun-${platform}-${bunArch[arch]}@1.4.4`, path: 'bin/bun' },
  'Deno 2.9': { spec: (platform, arch) => `@deno/${platform}-${arch}${libc[platform]}@2.9.6`, path: 'deno' },
  workerd: {
    spec: (platform, arch) => `@cloudflare/workerd-${platform}-${arch === 'x64' ? '64' : arch}@1.20261117.1`,
    path: 'bin/workerd',
  },
} as const satisfies Record<string, Runtime>;

export type RuntimeName = keyof typeof RUNTIMES;

/**
 * Installs a runtime.
 *
 * @returns the path of its program
 * @throws {Unavailable} on platforms without it
 */
export async function installRuntime(stage: Stage, name: RuntimeName): Promise<string> {
  const { platform, arch } = process;
  const { spec, path } = RUNTIMES[name];
  if (!['linux', 'darwin'].includes(platform)) throw new Unavailable(`${name} is tried on Linux and macOS only.`);
  const wanted = spec(platform, arch);
  const folder = await stage.install([wanted]);
  return join(folder, 'node_modules', wanted.slice(0, wanted.lastIndexOf('@')), path);
}
