import { type ChildProcess, spawn } from 'node:child_process';

/** How a command ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Where a command runs. */
export interface Place {
  cwd: string;
  /** Its whole environment, besides `PATH` and where Node keeps compiled code. */
  env?: Record<string, string>;
}

/** Starts a TypeScript file from its source, as a process of its own. */
export function startScript(path: string, args: readonly string[], { cwd, env = {} }: Place) {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(
    process.execPath,
    ['--conditions=@heurist/source', '--disable-warning=ExperimentalWarning', path, ...args],
    { cwd, env: { PATH, NODE_COMPILE_CACHE, ...env } },
  );
  const output = collect(child);
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...output })));
  /** Resolves when stdout has a text. */
  const says = async (text: string) => {
    while (!output.stdout.includes(text)) {
      if (child.exitCode !== null) throw new Error(`The command ended before: ${output.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, output, ended, says };
}

function collect(child: ChildProcess) {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.on('data', (data) => {
      output[name] += data;
    });
  return output;
}

/**
 * Runs a command in this process, in another folder and environment, and collects what it prints. It takes a fraction of
 * the time of a process. One at a time.
 */
export async function runHere(command: () => Promise<number>, { cwd, env = {} }: Place): Promise<Ended> {
  const output = { stdout: '', stderr: '' };
  const restore = [enter(cwd), setEnvironment({ PATH: process.env.PATH ?? '', ...env })];
  for (const name of ['stdout', 'stderr'] as const) {
    const { write } = process[name];
    process[name].write = ((text: string | Uint8Array) => {
      output[name] += text;
      return true;
    }) as typeof write;
    restore.push(() => {
      process[name].write = write;
    });
  }
  try {
    return { code: await command(), ...output };
  } finally {
    for (const undo of restore) undo();
  }
}

function enter(folder: string): () => void {
  const before = process.cwd();
  process.chdir(folder);
  return () => process.chdir(before);
}

/** Changes the variables, not the object: `process.loadEnvFile` writes past it. */
function setEnvironment(env: Record<string, string>): () => void {
  const before = { ...process.env };
  replaceEnvironment(env);
  return () => replaceEnvironment(before);
}

function replaceEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
}
