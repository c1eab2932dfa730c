import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A program that is restarted whenever it ends, as any supervisor does. */
export interface Supervised {
  readonly name: string;
  /** How often it was restarted. */
  readonly restarts: number;
  /** The current process. */
  readonly child: ChildProcess;
  /** Resolves when the current process is ready. */
  readonly ready: Promise<void>;
  /** Ends it at once (SIGKILL). */
  kill(): void;
  stop(): Promise<void>;
}

const RESTART_MS = 300;

/** Starts a program of this folder. */
export function supervise(name: string, file: string, args: readonly string[]): Supervised {
  let isStopping = false;
  let restarts = 0;
  let child: ChildProcess;
  let ready: Promise<void>;

  function start() {
    child = fork(fileURLToPath(new URL(file, import.meta.url)), [...args], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    ready = promise;
    child.on('message', (message) => message === 'ready' && resolve());
    child.once('exit', () => {
      if (isStopping) return;
      restarts++;
      setTimeout(() => !isStopping && start(), RESTART_MS);
    });
  }
  start();
  return {
    name,
    get restarts() {
      return restarts;
    },
    get child() {
      return child;
    },
    get ready() {
      return ready;
    },
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      isStopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
