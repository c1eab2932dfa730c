import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '@heurist/sequencer';
import { startFaultProxy } from '@heurist/test-servers/fault-proxy';
import { freePorts } from '@heurist/test-servers/free-port';
import { startPostgres } from '@heurist/test-servers/postgres';
import { createRandom } from '@heurist/test-servers/random';
import { startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { runTask, type Seen } from './consumer.ts';
import { makeFaults } from './faults.ts';
import { keepLedger, readLedger } from './ledger.ts';
import { type Supervised, supervise } from './processes.ts';
import { checkTasks, type Verdict } from './verdict.ts';

/** Size of a run. */
export interface ChaosOptions {
  tasks: number;
  miners: number;
  replicas: number;
  /** Time over which tasks are submitted; faults go on until all have ended. */
  seconds: number;
  seed: number;
  log?: (line: string) => void;
}

/** Outcome of a run. */
export interface ChaosReport extends Verdict {
  seconds: number;
  faults: Map<string, number>;
  /** Processes that were restarted. */
  restarts: number;
}

const LEASE_SECONDS = 3;
const CONSUMERS = 5;
const LONGEST_SKEW_MS = 10 * 60_000;

/** Runs a whole network on a real PostgreSQL, breaks one thing or another each second, and checks every task. */
export async function runChaos({ log = () => {}, ...options }: ChaosOptions): Promise<ChaosReport> {
  const random = createRandom(options.seed);
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  const server = await startPostgres();
  const location = await server.createDatabase();
  const comfyui = await startSlowComfyui({ random });
  const replicas: Supervised[] = [];
  const miners: Supervised[] = [];
  const stops: (() => Promise<unknown>)[] = [];
  try {
    // a restarted replica listens on the same port
    const ports = await freePorts(options.replicas);
    for (const [index, port] of ports.entries()) {
      const args = [location, `${port}`, join(folder, 'artifacts'), `${LEASE_SECONDS}`];
      replicas.push(supervise(`replica ${index}`, './replica.ts', args));
    }
    await Promise.all(replicas.map(({ ready }) => ready));
    const proxies = await Promise.all(ports.map((port) => startFaultProxy(`http://127.0.0.1:${port}`, {}, random)));
    stops.push(...proxies.map((proxy) => proxy.stop));
    const urls = proxies.map(({ url }) => url);
    const database = await openDatabase(location);
    stops.unshift(() => database.close());
    await keepLedger(database);

    for (let index = 0; index < options.miners; index++) {
      const key = await createKey(replicas[0]!, 'miner', `miner${index}`);
      const skew = Math.round((2 * random() - 1) * LONGEST_SKEW_MS);
      const args = [urls[index % urls.length]!, key, comfyui.url, `${skew}`, join(folder, `miner${index}`)];
      miners.push(supervise(`miner ${index}`, './miner.ts', args));
    }
    await Promise.all(miners.map(({ ready }) => ready));
    const keys = await Promise.all(
      Array.from({ length: CONSUMERS }, (_, index) => createKey(replicas[0]!, 'consumer', `consumer${index}`)),
    );
    log(`${replicas.length} replicas and ${miners.length} miners are ready`);

    const start = performance.now();
    const ended = new AbortController();
    const victims = { replicas, miners, proxies, restartPostgres: () => server.restart() };
    const faulting = makeFaults(victims, random, ended.signal);
    const seen = await submitAll(options, urls, keys, random, log);
    ended.abort();
    const faults = await faulting;
    const seconds = (performance.now() - start) / 1000;
    log(`all tasks have ended after ${seconds.toFixed(0)} s; checking them`);
    await Promise.all(replicas.map(({ ready }) => ready));
    const verdict = await checkTasks(seen, await readLedger(database));
    const restarts = [...replicas, ...miners].reduce((sum, each) => sum + each.restarts, 0);
    return { ...verdict, seconds, faults, restarts };
  } finally {
    await Promise.all([...replicas, ...miners].map((each) => each.stop()));
    for (const stop of stops) await stop();
    await comfyui.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each task has a different colour. */
async function submitAll(
  { tasks, seconds }: ChaosOptions,
  urls: readonly string[],
  keys: readonly string[],
  random: () => number,
  log: (line: string) => void,
): Promise<Seen[]> {
  let done = 0;
  const progress = setInterval(() => log(`${done} of ${tasks} tasks have ended`), 10_000);
  const running = Array.from({ length: tasks }, async (_, color) => {
    await sleep((color * seconds * 1000) / tasks);
    const seen = await runTask(urls, keys[color % keys.length]!, color, random);
    done++;
    return seen;
  });
  return await Promise.all(running).finally(() => clearInterval(progress));
}

async function createKey(replica: Supervised, role: 'consumer' | 'miner', owner: string): Promise<string> {
  const reply = once(replica.child, 'message');
  replica.child.send({ role, owner });
  const [{ key }] = (await reply) as [{ key: string }];
  return key;
}
