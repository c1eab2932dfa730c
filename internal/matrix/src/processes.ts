import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { cleanEnvironment, run } from '@heurist/release/run';

/** A server that a cell has started. */
export interface Running extends AsyncDisposable {
  /** What it has printed so far. */
  printed(): string;
}

/** How long a program of a cell, or the start of a server, may take. */
const LIMIT_MS = 180_000;

/**
 * Runs a program of a cell to its end.
 *
 * @returns what it printed
 * @throws {Error} with everything that it printed, if it fails or hangs
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<string> {
  return await run(command, args, { cwd, env, timeout: LIMIT_MS });
}

interface StartOptions {
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** It is ready when this address answers anything. */
  url: string;
}

/**
 * Starts a server and waits until it answers.
 *
 * @throws {Error} with what it printed, if it ends before
 */
export async function serve(command: string, args: readonly string[], options: StartOptions): Promise<Running> {
  const { cwd, env, url } = options;
  const child = spawn(command, args, { cwd, env: { ...cleanEnvironment(), ...env }, detached: true });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      printed += chunk;
    });
  child.on('error', (error) => {
    printed += error.message;
  });
  const running = { printed: () => printed, [Symbol.asyncDispose]: () => stop(child) };
  const end = performance.now() + LIMIT_MS;
  while (!(await isAnswering(url))) {
    const isOver = child.exitCode !== null || child.pid === undefined;
    if (!isOver && performance.now() < end) continue;
    await running[Symbol.asyncDispose]();
    throw new Error(`${command} ${args.join(' ')} does not answer at ${url}:\n${printed}`);
  }
  return running;
}

async function isAnswering(url: string): Promise<boolean> {
  try {
    await (await fetch(url, { signal: AbortSignal.timeout(5000) })).body?.cancel();
    return true;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return false;
  }
}

/** With its children: a command of a framework starts some. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await exited;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
