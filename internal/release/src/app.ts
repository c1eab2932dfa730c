import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Registry } from './registry.ts';
import { cleanEnvironment, run } from './run.ts';

/** What a copy of an app leaves out. */
const MADE = ['node_modules', 'dist', 'out', '.next', '.env', '.heurist', 'package-lock.json'];

/** A folder of somebody who has npm and one version of Node, and nothing of ours. */
export class App {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #running: ChildProcess[] = [];

  /** @param node - folder of the Node to use. Default: the one that runs this. */
  constructor(folder: string, registry: Registry, node?: string) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '.npmrc'), registry.npmrc);
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    this.folder = folder;
    this.#env = {
      ...cleanEnvironment(),
      npm_config_cache: registry.cache,
      ...(node && { PATH: `${node}${delimiter}${process.env.PATH}` }),
    };
  }

  async run(command: string, ...args: string[]): Promise<string> {
    return await run(command, args, { cwd: this.folder, env: this.#env });
  }

  /** Sets variables for what runs from now on. */
  set(variables: NodeJS.ProcessEnv): void {
    Object.assign(this.#env, variables);
  }

  /** Runs a line of a README. */
  async line(line: string): Promise<string> {
    const [command = '', ...args] = line.split(' ');
    return await this.run(command, ...args);
  }

  /** Copies a folder into it, but for what was installed, built or made there. */
  copy(from: string): void {
    cpSync(from, this.folder, { recursive: true, filter: (path) => !MADE.includes(basename(path)) });
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(join(this.folder, name), content);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** Starts a program that goes on. Resolves with what it printed up to these words. */
  async start(words: string, command: string, ...args: string[]): Promise<string> {
    return (await this.begin(words, command, ...args)).printed;
  }

  /** As `start`, with a way to stop that program alone. */
  async begin(words: string, command: string, ...args: string[]): Promise<{ printed: string; stop(): Promise<void> }> {
    const child = this.spawn(command, ...args);
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        printed += chunk;
      });
    while (!printed.includes(words)) {
      const ended = await Promise.race([once(child, 'exit'), once(child.stdout, 'data'), once(child.stderr, 'data')]);
      if (child.exitCode !== null) throw new Error(`${command} ${args.join(' ')} ended with ${ended}:\n${printed}`);
    }
    return { printed, stop: () => stop(child) };
  }

  /** As `start`, and does not wait for anything. */
  spawn(command: string, ...args: string[]): ChildProcessByStdio<null, Readable, Readable> {
    const child = spawn(command, args, {
      cwd: this.folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#running.push(child);
    return child;
  }

  /** Starts the local network of the README, and writes what it prints into `.env`. */
  async startNetwork(line: string): Promise<void> {
    const [command = '', ...args] = line.replace('npx', 'npx --yes').split(' ');
    const printed = await this.start('Stop it', command, ...args, '--port', '0');
    this.write('.env', (printed.match(/^HEURIST_\w+=.*$/gm) ?? []).join('\n'));
  }

  /** Stops what goes on. */
  async stop(): Promise<void> {
    for (const child of this.#running) await stop(child);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // npx has children of its own
  process.kill(-child.pid!, 'SIGTERM');
  await once(child, 'exit');
}
