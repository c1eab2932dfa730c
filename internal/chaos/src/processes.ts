import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sleep } from '@heurist/server-kit/sleep';

/** A program that is restarted whenever it ends, as any supervisor does. */
export interface Supervised {
  readonly name: string;
  /** How often it was restarted. */
  readonly restarts: number;
  /** Whether its current process works. */
  readonly isReady: boolean;
  /** Requests that it could not serve, for a reason that it does not know. */
  readonly failures: readonly string[];
  /** The end of what it has printed to stderr so far. */
  readonly lastWords: string;
  /** Ends it at once (SIGKILL). */
  kill(): void;
  /** Sends a message to its current process, and resolves with the answer. Rejects if that process ends before. */
  ask<Answer>(message: object): Promise<Answer>;
  stop(): Promise<void>;
}

/** How a program is started. */
export interface Start {
  name: string;
  /** A file of this folder. */
  file: string;
  args: readonly string[];
  /** Puts its command into a container. */
  wrap?: ((command: readonly string[]) => string[]) | undefined;
}

const RESTART_MS = 300;
const KEPT_CHARACTERS = 2000;

export function supervise(start: Start): Supervised {
  return new Supervisor(start);
}

class Supervisor implements Supervised {
  readonly name: string;
  restarts = 0;
  isReady = false;
  lastWords = '';
  readonly failures: string[] = [];
  readonly #start: Start;
  #isStopping = false;
  #child!: ChildProcess;
  #asked = 0;

  constructor(start: Start) {
    this.name = start.name;
    this.#start = start;
    this.#spawn();
  }

  #spawn(): void {
    const child = startProgram(this.#start);
    this.#child = child;
    this.isReady = false;
    // each question listens until it is answered
    child.setMaxListeners(0);
    child.on('message', (message) => {
      if (message === 'ready') this.isReady = true;
      const { failure } = message as { failure?: string };
      if (failure) this.failures.push(failure);
    });
    child.stderr?.on('data', (data) => {
      this.lastWords = `${this.lastWords}${data}`.slice(-KEPT_CHARACTERS);
    });
    child.once('exit', () => {
      this.isReady = false;
      if (this.#isStopping) return;
      this.restarts++;
      setTimeout(() => !this.#isStopping && this.#spawn(), RESTART_MS);
    });
  }

  kill(): void {
    this.isReady = false;
    this.#child.kill('SIGKILL');
  }

  ask<Answer>(message: object): Promise<Answer> {
    const id = this.#asked++;
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const hear = (reply: unknown) => {
        const { id: answered, answer, error } = reply as { id?: number; answer: Answer; error?: string };
        if (answered !== id) return;
        child.off('message', hear).off('exit', end);
        if (error === undefined) resolve(answer);
        else reject(new Error(error));
      };
      const end = () => reject(new Error(`${this.name} ended before it answered.`));
      child.on('message', hear).once('exit', end);
      child.send({ id, ...message }, (error) => error && end());
    });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}

/** Starts a program of this folder from its source. */
export function startProgram({ file, args, wrap = (command) => [...command] }: Omit<Start, 'name'>): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const flags = ['--conditions=@heurist/source', '--disable-warning=ExperimentalWarning'];
  const [command = '', ...rest] = wrap([process.execPath, ...flags, path, ...args]);
  return spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
}

/** Resolves when all of them work. Rejects with the names of those that do not after a time. */
export async function untilReady(all: readonly Supervised[], limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  for (;;) {
    const late = all.filter(({ isReady }) => !isReady);
    if (!late.length) return;
    if (performance.now() > end)
      throw new Error(
        late.map(({ name, lastWords }) => `${name} did not start within ${limitMs / 1000} s: ${lastWords}`).join('\n'),
      );
    await sleep(20);
  }
}
