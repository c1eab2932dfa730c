import { Heurist } from '@heurist/core';
import { sleep } from '@heurist/server-kit/sleep';
import { createRandom, type Random } from '@heurist/test-servers/random';
import { type Consumer, runTask, type Seen } from './consumer.ts';
import type { Fault } from './faults/fault.ts';
import { FAULTS } from './faults/index.ts';
import { type Broken, makeFaults } from './faults/make-faults.ts';
import { type Network, startNetwork } from './network.ts';
import { untilReady } from './processes.ts';
import { Room } from './room.ts';
import { runStrangers, type Stranger } from './strangers/stranger.ts';
import { judge, type Verdict } from './verdict/judge.ts';
import { type Receiver, startReceiver } from './verdict/webhooks.ts';

/** Size of a run. */
export interface ChaosOptions {
  tasks: number;
  miners: number;
  replicas: number;
  /** Time over which tasks are submitted; faults go on until all have ended. */
  seconds: number;
  seed: number;
  /** Default `postgres`. With an embedded one there is one replica. */
  database?: 'postgres' | 'embedded';
  /** Default: all. */
  faults?: readonly Fault[];
  /** Whether faults go on after each of them has happened once. Default `true`. */
  repeatsFaults?: boolean;
  /** Time in which each task must end. Default 180. */
  taskSeconds?: number;
  /** Time in which all must. Default: 300, and 0.6 for each task. */
  limitSeconds?: number;
  /** Whether clocks of replicas are wrong. Default `false`. */
  skewsReplicas?: boolean;
  /** Those who do not keep to the rules, beside the honest. Default: none. */
  strangers?: readonly Stranger[];
  log?: (line: string) => void;
}

/** Outcome of a run. */
export interface ChaosReport extends Verdict {
  seconds: number;
  /** How often each fault happened. */
  faults: Map<string, number>;
  /** Each fault, with when it began and ended. */
  faultLog: string[];
  /** Processes that were restarted. */
  restarts: number;
  /** Why disks were not broken. */
  withoutDisks: string | undefined;
}

const CONSUMERS = 5;
/** Tasks that are open at the same time. */
const OPEN_PER_MINER = 4;
/** Tasks that the first consumer submits at once, so that others would wait if owners did not take turns. */
const BURST_PER_MINER = 2;
/** How long each stranger rests between two acts. */
const STRANGER_PACE_MS = 500;
/** For everything to work again after the last fault. */
const HEAL_MS = 60_000;

/** Runs a whole network, breaks one thing or another each second, and checks every task. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, miners, replicas, database = 'postgres', skewsReplicas = false, log = () => {} } = options;
  const random = createRandom(seed);
  const network = await startNetwork({ database, miners, replicas, skewsReplicas, random });
  let receiver: Receiver | undefined;
  try {
    const crowd = await createConsumers(network, random);
    receiver = crowd.receiver;
    log(`${network.replicas.length} replicas and ${miners} miners are ready`);
    const start = performance.now();
    const { seen, broken } = await runUntilEnded(options, network, crowd.consumers, random);
    const seconds = (performance.now() - start) / 1000;
    log(`the last task has ended after ${seconds.toFixed(0)} s; checking them`);
    broken.problems.push(...(await heal(network)));
    const verdict = await judge({ seen, broken, arrivals: receiver.arrivals, network });
    const restarts = [...network.replicas, ...network.miners].reduce((sum, each) => sum + each.restarts, 0);
    return {
      ...verdict,
      seconds,
      faults: broken.counts,
      faultLog: broken.log,
      restarts,
      withoutDisks: network.withoutDisks,
    };
  } finally {
    await network.stop();
    await receiver?.stop();
  }
}

async function createConsumers(network: Network, random: Random) {
  const owners = Array.from({ length: CONSUMERS }, (_, index) => `consumer${index}`);
  const keys = new Map<string, string>();
  const secrets = new Map<string, string>();
  for (const owner of owners) {
    const key = await network.createKey('consumer', owner);
    keys.set(owner, key);
    const heurist = new Heurist({ apiKey: key, workflowURL: network.urls[0]! });
    secrets.set(owner, await heurist.workflow.webhookSecret());
  }
  const receiver = await startReceiver(secrets, random);
  const consumers = owners.map((owner) => ({ owner, key: keys.get(owner)!, webhookUrl: receiver.urlOf(owner) }));
  return { consumers, receiver };
}

/** Faults and strangers go on until the last task has ended. */
async function runUntilEnded(
  options: ChaosOptions,
  network: Network,
  consumers: readonly Consumer[],
  random: Random,
): Promise<{ seen: Seen[]; broken: Broken }> {
  const ended = new AbortController();
  const { faults = FAULTS, repeatsFaults: repeats = true } = options;
  const faulting = makeFaults(faults, network, random, { signal: ended.signal, repeats });
  const harming = letStrangersIn(options.strangers ?? [], network, random, ended.signal);
  const seen = await submitAll(options, network.urls, consumers, random);
  ended.abort();
  const [broken, failures] = await Promise.all([faulting, harming]);
  broken.problems.push(...failures);
  for (const { name, failures } of network.replicas)
    for (const failure of failures) broken.problems.push(`${name} failed at ${failure}`);
  return { seen, broken };
}

/** Returns the answers that no stranger should get. */
async function letStrangersIn(
  strangers: readonly Stranger[],
  { urls, createKey }: Network,
  random: Random,
  signal: AbortSignal,
): Promise<string[]> {
  const { failures } = await runStrangers(strangers, { urls, createKey }, { random, signal, paceMs: STRANGER_PACE_MS });
  return failures.map((failure) => `a stranger was answered ${failure}`);
}

/**
 * Each task has a different colour. On a slow machine tasks are submitted later, so that a task which takes too long is stuck
 * and not only behind others.
 */
async function submitAll(
  options: ChaosOptions,
  urls: readonly string[],
  consumers: readonly Consumer[],
  random: Random,
): Promise<Seen[]> {
  const { tasks, miners, seconds, taskSeconds = 180, limitSeconds = 300 + 0.6 * tasks, log = () => {} } = options;
  const limit = AbortSignal.timeout(limitSeconds * 1000);
  const room = new Room(OPEN_PER_MINER * miners);
  const burst = BURST_PER_MINER * miners;
  let done = 0;
  const progress = setInterval(() => log(`${done} of ${tasks} tasks have ended`), 10_000);
  const running = Array.from({ length: tasks }, async (_, color) => {
    if (color >= burst) await sleep((color * seconds * 1000) / tasks, limit);
    const consumer = consumers[color < burst ? 0 : color % consumers.length]!;
    return await room.use(async () => {
      const signal = AbortSignal.any([limit, AbortSignal.timeout(taskSeconds * 1000)]);
      const seen = await runTask(urls, consumer, color, random, signal);
      done++;
      return seen;
    });
  });
  return await Promise.all(running).finally(() => clearInterval(progress));
}

/** Waits until everything works again. Returns what does not. */
async function heal({ replicas, miners, proxies }: Network): Promise<string[]> {
  for (const { faults } of proxies) faults.network = undefined;
  return await untilReady([...replicas, ...miners], HEAL_MS).then(
    () => [],
    (error: Error) => [error.message],
  );
}
