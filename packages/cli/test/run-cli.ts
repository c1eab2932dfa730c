import { type ChildProcess, spawn } from 'node:child_process';

/** How a program ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts the command from its source, as a process of its own. */
export function startCli(args: string[], { cwd, env = {} }: { cwd: string; env?: Record<string, string> }) {
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    ['--conditions=@heurist/source', '--disable-warning=ExperimentalWarning', main, ...args],
    {
      cwd,
      env: { PATH: process.env.PATH, ...env },
    },
  );
  const output = collect(child);
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...output })));
  /** Resolves when stdout holds a text. */
  const says = async (text: string) => {
    while (!output.stdout.includes(text)) {
      if (child.exitCode !== null) throw new Error(`The command ended before: ${output.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, output, ended, says };
}

/** Runs the command to its end. */
export const runCli = (args: string[], options: { cwd: string; env?: Record<string, string> }) =>
  startCli(args, options).ended;

function collect(child: ChildProcess) {
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (data) => {
    output.stdout += data;
  });
  child.stderr?.on('data', (data) => {
    output.stderr += data;
  });
  return output;
}
