// A container as far as tests need one: disks and process numbers of its own. It needs Linux and `unshare`, which not every
// system lets a user call.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { promisify } from 'node:util';

/** A small disk. */
export interface Disk {
  readonly folder: string;
  /** Uses all of its space. */
  fill(): Promise<void>;
  /** Gives back what {@link Disk.fill} uses. */
  free(): Promise<void>;
  /** Fails if a file on it is open for writing. */
  setReadOnly(isReadOnly: boolean): Promise<void>;
}

/** Where programs run. They share the network with everyone else. */
export interface Container {
  /** Puts an empty disk at a folder. Only programs in the container see what is on it. */
  addDisk(folder: string, megabytes: number): Promise<Disk>;
  /**
   * The command that runs a program in the container. A signal reaches the program.
   *
   * @param isFirst - in process numbers of its own, where it is number 1. Then only SIGKILL reaches it.
   */
  wrap(command: readonly string[], isFirst?: boolean): string[];
  /** Ends it, and what is on its disks. Programs in it must have ended. */
  stop(): Promise<void>;
}

/** Why there can be no container here; `undefined` if there can. */
export function whyNoContainer(): string | undefined {
  try {
    execFileSync('unshare', ['-Urmpf', '--mount-proc', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `this system makes no containers (${(error as Error).message.trim().split('\n').at(-1)})`;
  }
}

/** Starts a container, which lasts until it is stopped. */
export async function startContainer(): Promise<Container> {
  // it lives as long as its stdin is open
  const holder = spawn('unshare', ['-Urm', 'sh', '-c', 'echo ready; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(holder.stdout, 'data');
  const enter = ['nsenter', '-t', `${holder.pid}`, '-U', '-m', '--preserve-credentials'];
  const wrap = (command: readonly string[], isFirst = false) => [
    ...enter,
    ...(isFirst ? ['unshare', '-pf', '--mount-proc', '--kill-child'] : []),
    ...command,
  ];
  return {
    wrap,
    addDisk: (folder, megabytes) => addDisk(folder, megabytes, async (...command) => await runCommand(wrap(command))),
    stop: () => stopHolder(holder),
  };
}

async function addDisk(folder: string, megabytes: number, run: (...command: string[]) => Promise<void>): Promise<Disk> {
  mkdirSync(folder, { recursive: true });
  await run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder);
  return {
    folder,
    fill: () => run('sh', '-c', 'cat /dev/zero > "$0/filler" 2>/dev/null || true', folder),
    free: () => run('rm', '-f', `${folder}/filler`),
    setReadOnly: (isReadOnly) => run('mount', '-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, folder),
  };
}

async function runCommand([file = '', ...args]: string[]): Promise<void> {
  await promisify(execFile)(file, args);
}

async function stopHolder(holder: ChildProcess): Promise<void> {
  const ended = once(holder, 'exit');
  holder.stdin?.end();
  await ended;
}
