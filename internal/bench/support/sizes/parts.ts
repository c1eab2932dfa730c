// The parts of a network as processes of their own, started as the pages say: by the command that users install.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from '@heurist/test-servers/free-port';

const main = resolve(import.meta.dirname, '../../../../packages/cli/dist/main.js');

/** A part of a network. */
export interface Part {
  name: string;
  /** Its first process. */
  pid: number;
  stop(): Promise<void>;
}

/** A sequencer that was started. */
export interface SequencerPart extends Part {
  url: string;
  port: number;
}

/** Limits that no benchmark reaches. */
const LIMITS = 'open_tasks=100000,tasks_per_minute=1000000,calls_per_minute=10000000';

/** Starts a sequencer. Resolves when it says its address. */
export async function startSequencer(name: string, folder: string, env: NodeJS.ProcessEnv): Promise<SequencerPart> {
  const port = await freePort();
  const child = startCommand('sequencer', {
    HEURIST_PORT: `${port}`,
    HEURIST_DATA_DIR: folder,
    HEURIST_LIMITS: LIMITS,
    ...env,
  });
  await says(child, 'Sequencer at');
  return { ...partOf(name, child), port, url: `http://127.0.0.1:${port}` };
}

/** Starts a miner. Resolves when it is at work. */
export async function startMiner(name: string, folder: string, env: NodeJS.ProcessEnv): Promise<Part> {
  const child = startCommand('miner', { HEURIST_DATA_DIR: folder, ...env });
  await says(child, 'sd15');
  return partOf(name, child);
}

/** The first keys, which a sequencer wrote into its folder. */
export const readKeys = (folder: string): Record<'consumer' | 'miner' | 'operator', string> =>
  JSON.parse(readFileSync(join(folder, 'credentials.json'), 'utf8'));

/** A part that is a child of this process. */
function partOf(name: string, child: ChildProcess): Part {
  return {
    name,
    pid: child.pid!,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

const startCommand = (command: string, env: NodeJS.ProcessEnv) =>
  spawn(process.execPath, [main, command], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** Resolves when a command prints a text. */
function says(child: ChildProcess, text: string): Promise<void> {
  let printed = '';
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (data) => {
        printed += data;
        if (printed.includes(text)) resolve();
      });
    child.once('exit', () => reject(new Error(`A command ended before it said "${text}":\n${printed}`)));
  });
}
