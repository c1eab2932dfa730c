import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@heurist/server-kit/sleep';
import { type Container, type Disk, startContainer, whyNoContainer } from '@heurist/test-servers/container';
import { type FaultProxy, startFaultProxy } from '@heurist/test-servers/fault-proxy';
import { freePorts } from '@heurist/test-servers/free-port';
import type { Random } from '@heurist/test-servers/random';
import { startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import { type LedgerDatabase, type PostgresVictim, startPostgresVictim } from './database.ts';
import { type Start, type Supervised, supervise, untilReady } from './processes.ts';
import { keepLedger } from './verdict/ledger.ts';

/** What a network is made of. */
export interface NetworkOptions {
  /** `embedded`: PGlite inside the only replica, whatever `replicas` is. That is the first process of its container. */
  database: 'postgres' | 'embedded';
  miners: number;
  replicas: number;
  /** Whether the clocks of replicas are wrong too, as those of miners always are. */
  skewsReplicas: boolean;
  random: Random;
}

type Role = 'consumer' | 'miner' | 'operator';

/** A whole network that can be broken. */
export interface Network {
  readonly replicas: readonly Supervised[];
  readonly miners: readonly Supervised[];
  /** In front of each replica. */
  readonly proxies: readonly FaultProxy[];
  /** Addresses of the proxies. */
  readonly urls: readonly string[];
  /** Missing where it is embedded. */
  readonly postgres: PostgresVictim | undefined;
  readonly ledger: LedgerDatabase;
  /** None where there can be no container. `data` is that of an embedded database. */
  readonly disks: Partial<Record<'artifacts' | 'journals' | 'data', Disk>>;
  /** How the embedded replica is started: for a second one on the same folder. */
  readonly embeddedStart: Start | undefined;
  /** Why there are no disks. */
  readonly withoutDisks: string | undefined;
  createKey(role: Role, owner: string): Promise<string>;
  stop(): Promise<void>;
}

const LEASE_SECONDS = 3;
const MINER_SKEW_MS = 10 * 60_000;
const REPLICA_SKEW_MS = 20 * 60_000;
/** For a process to begin its work, on a machine that is busy. */
const START_MS = 120_000;
const MEGABYTES = { artifacts: 32, journals: 4, data: 256 };

/** Starts all of it. What was started is stopped if the rest fails. */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    return await assemble(options, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(
  options: NetworkOptions,
  stops: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Network> {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  stops.push(async () => rmSync(folder, { recursive: true, force: true }));
  const postgres = options.database === 'postgres' ? await startPostgresVictim() : undefined;
  if (postgres) stops.push(postgres.stop);
  const { container, withoutDisks, disks } = await openDisks(folder, options, stops);
  // one process per folder
  const ports = await freePorts(postgres ? options.replicas : 1);
  const replicaStarts = describeReplicas(options, { ports, folder, location: postgres?.location, container });
  const replicas = replicaStarts.map(supervise);
  stops.push(() => stopAll(replicas));
  await untilReady(replicas, START_MS);
  const createKey = (role: Role, owner: string) => askForKey(replicas, role, owner);
  const ledger: LedgerDatabase = postgres ?? { query: (query) => replicas[0]!.ask({ query }) };
  await keepLedger(ledger);
  const proxies = await Promise.all(
    ports.map((port) => startFaultProxy(`http://127.0.0.1:${port}`, {}, options.random)),
  );
  stops.push(() => Promise.all(proxies.map((proxy) => proxy.stop())));
  const urls = proxies.map(({ url }) => url);
  const miners = await startMiners(options, { urls, folder, container, createKey }, stops);
  const embeddedStart = postgres ? undefined : replicaStarts[0];
  return { replicas, miners, proxies, urls, postgres, ledger, disks, embeddedStart, withoutDisks, createKey, stop };
}

/** Of any replica that works: the one that was asked may be killed. */
async function askForKey(replicas: readonly Supervised[], role: Role, owner: string): Promise<string> {
  for (;;) {
    for (const replica of replicas) {
      const key = replica.isReady && (await replica.ask<string>({ role, owner }).catch(() => ''));
      if (key) return key;
    }
    await sleep(100);
  }
}

const stopAll = (all: readonly Supervised[]) => Promise.all(all.map((each) => each.stop()));

async function openDisks(folder: string, { database }: NetworkOptions, stops: (() => Promise<unknown>)[]) {
  const withoutDisks = whyNoContainer();
  if (withoutDisks) return { container: undefined, withoutDisks, disks: {} };
  const container = await startContainer();
  stops.push(container.stop);
  const addDisk = (name: keyof typeof MEGABYTES) => container.addDisk(join(folder, name), MEGABYTES[name]);
  const disks: Network['disks'] = { artifacts: await addDisk('artifacts'), journals: await addDisk('journals') };
  if (database === 'embedded') disks.data = await addDisk('data');
  return { container, withoutDisks, disks };
}

interface Place {
  ports: readonly number[];
  folder: string;
  location: string | undefined;
  container: Container | undefined;
}

function describeReplicas(
  { skewsReplicas, random }: NetworkOptions,
  { ports, folder, location, container }: Place,
): Start[] {
  return ports.map((port, index) => {
    const skew = skewsReplicas ? skewBy(random, REPLICA_SKEW_MS) : '0';
    return {
      name: `replica ${index}`,
      file: './replica.ts',
      args: [location ?? join(folder, 'data'), `${port}`, join(folder, 'artifacts'), `${LEASE_SECONDS}`, skew],
      wrap: container && ((command) => container.wrap(command, location === undefined)),
    };
  });
}

async function startMiners(
  { miners: count, random }: NetworkOptions,
  { urls, folder, container, createKey }: Pick<Network, 'urls' | 'createKey'> & Pick<Place, 'folder' | 'container'>,
  stops: (() => Promise<unknown>)[],
): Promise<Supervised[]> {
  const comfyui = await startSlowComfyui({ random });
  stops.push(() => comfyui.stop());
  const miners: Supervised[] = [];
  stops.push(() => stopAll(miners));
  for (let index = 0; index < count; index++) {
    const key = await createKey('miner', `miner${index}`);
    const journal = join(folder, 'journals', `miner${index}`);
    const args = [urls[index % urls.length]!, key, comfyui.url, skewBy(random, MINER_SKEW_MS), journal];
    miners.push(supervise({ name: `miner ${index}`, file: './miner.ts', args, wrap: container?.wrap }));
  }
  await untilReady(miners, START_MS);
  return miners;
}

const skewBy = (random: Random, longestMs: number) => `${Math.round((2 * random() - 1) * longestMs)}`;
