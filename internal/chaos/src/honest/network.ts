import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '@heurist/test-servers/postgres';
import { startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import type { Attack, Key, KeyRequest, Load, Waits } from './messages.ts';

/** Size of a network. */
export interface NetworkSize {
  replicas: number;
  miners: number;
  consumers: number;
  /** How long each stranger rests between two acts, in milliseconds. */
  paceMs: number;
}

/** A network with honest miners and consumers, each kind in a process of its own, on a real PostgreSQL. */
export interface HonestNetwork {
  /** Lets the honest consumers submit. */
  submit(load: Load): Promise<Waits>;
  /** Lets strangers in. */
  startStrangers(): {
    /** Sends them away. */
    stop(): Promise<Attack>;
  };
  stop(): Promise<void>;
}

/** Every picture takes the same time: what is measured is the wait. */
const PICTURE_MS = 1000;

export async function startHonestNetwork(size: NetworkSize): Promise<HonestNetwork> {
  const folder = mkdtempSync(join(tmpdir(), 'honest-'));
  const postgres = await startPostgres();
  const comfyui = await startSlowComfyui({ durations: [PICTURE_MS] });
  const programs = new Programs();
  const network = await startPrograms(programs, size, [await postgres.createDatabase(), folder], comfyui.url);
  return {
    ...network,
    async stop() {
      await programs.stop();
      await comfyui.stop();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startPrograms(programs: Programs, size: NetworkSize, storage: string[], comfyui: string) {
  const replicas = Array.from({ length: size.replicas }, () => programs.start('./replica.ts', ...storage));
  const urls = await Promise.all(replicas.map(async (replica) => (await receive<{ url: string }>(replica, 'url')).url));
  const createKey = async (request: KeyRequest) => {
    replicas[0]!.send(request);
    return await receive<Key>(replicas[0]!, 'key', ({ owner }) => owner === request.owner);
  };
  const createKeys = (role: KeyRequest['role'], length: number) =>
    Promise.all(Array.from({ length }, async (_, index) => (await createKey({ role, owner: `${role}${index}` })).key));
  const minerKeys = await createKeys('miner', size.miners);
  const pairs = minerKeys.flatMap((key, index) => [urls[index % urls.length]!, key]);
  await receive(programs.start('./miners.ts', comfyui, ...pairs), 'ready');
  const keys = await createKeys('consumer', size.consumers);
  const consumers = programs.start('./consumers.ts', urls.join(' '), keys.join(' '));
  await receive(consumers, 'ready');
  return {
    async submit(load: Load) {
      consumers.send(load);
      return await receive<Waits>(consumers, 'waits');
    },
    startStrangers() {
      const strangers = programs.start('./strangers.ts', urls.join(' '), `${size.paceMs}`);
      strangers.on('message', async (request: Partial<KeyRequest>) => {
        if (request.role) strangers.send(await createKey(request as KeyRequest));
      });
      return {
        async stop() {
          strangers.send('end');
          return await receive<Attack>(strangers, 'answers');
        },
      };
    },
  };
}

/** Processes of this folder. */
class Programs {
  readonly #children: ChildProcess[] = [];

  start(file: string, ...args: string[]): ChildProcess {
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), args);
    child.setMaxListeners(0);
    this.#children.push(child);
    return child;
  }

  async stop(): Promise<void> {
    const running = this.#children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    await Promise.all(
      running.map(async (child) => {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }),
    );
  }
}

/** The next message that has this field. */
function receive<T>(child: ChildProcess, field: string, fits: (message: T) => boolean = () => true): Promise<T> {
  return new Promise((resolve, reject) => {
    const exited = (code: number | null) =>
      reject(new Error(`A process ended with ${code} before it sent "${field}".`));
    child.once('exit', exited);
    child.on('message', function read(message: object) {
      if (!(field in message) || !fits(message as T)) return;
      child.off('message', read);
      child.off('exit', exited);
      resolve(message as T);
    });
  });
}
