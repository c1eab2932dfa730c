// The three setups of docs/deploy: one machine, a studio, a company.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workflows } from '@heurist/cli';
import { createCertificate } from '@heurist/test-servers/certificate';
import { startPostgres } from '@heurist/test-servers/postgres';
import { findProxy, startProxy } from '@heurist/test-servers/real-proxies';
import { readObjectInfo } from '@heurist/test-servers/recordings';
import { startS3, testAccount } from '@heurist/test-servers/s3';
import { startSlowComfyui } from '@heurist/test-servers/slow-comfyui';
import sharp from 'sharp';
import { type Part, readKeys, startMiner, startSequencer } from './parts.ts';

/** A folder in which data is kept. */
interface Disk {
  /** The part that keeps it, or what else does. */
  owner: string;
  folder: string;
}

/** A network that was started. */
export interface Setup {
  parts: Part[];
  url: string;
  /** A consumer's. */
  key: string;
  /** An authority that the network's certificate needs. */
  authority?: string;
  /** What keeps data in which folders. */
  disks: Disk[];
  stop(): Promise<void>;
}

/** How long each GPU takes for a picture, in milliseconds: short, so that the network is what is measured. */
const PICTURE_MS = 20;
/** Pixels a side of a noise that takes 100 kB as a PNG. */
const SIDE = 184;

/** Ends what was started, the last first. */
class Stops {
  readonly #all: (() => Promise<unknown>)[] = [];

  add<T extends { stop(): Promise<unknown> }>(started: T): T {
    this.#all.push(() => started.stop());
    return started;
  }

  async run(): Promise<void> {
    for (const stop of this.#all.toReversed()) await stop();
  }
}

/** A sequencer with everything in one folder, and a miner. */
export async function startOneMachine(folder: string): Promise<Setup> {
  const stops = new Stops();
  const data = join(folder, 'data');
  const sequencer = stops.add(await startSequencer('sequencer, with queue and files', data, {}));
  const miners = await startMiners(1, { folder, url: sequencer.url, key: readKeys(data).miner }, stops);
  return {
    parts: [sequencer, ...miners],
    url: sequencer.url,
    key: readKeys(data).consumer,
    disks: ['postgres', 'artifacts'].map((name) => ({ owner: sequencer.name, folder: join(data, name) })),
    stop: () => stops.run(),
  };
}

/** PostgreSQL, a sequencer with files in a folder, and three miners. */
export async function startStudio(folder: string): Promise<Setup> {
  const stops = new Stops();
  const postgres = await startDatabase(stops);
  const data = join(folder, 'data');
  const DATABASE_URL = await postgres.createDatabase();
  const sequencer = stops.add(await startSequencer('sequencer, with files', data, { DATABASE_URL }));
  const miners = await startMiners(3, { folder, url: sequencer.url, key: readKeys(data).miner }, stops);
  return {
    parts: [sequencer, postgres.part, ...miners],
    url: sequencer.url,
    key: readKeys(data).consumer,
    disks: [postgres.disk, { owner: sequencer.name, folder: join(data, 'artifacts') }],
    stop: () => stops.run(),
  };
}

/** Two sequencers, PostgreSQL, S3, HAProxy with TLS as docs/deploy/proxies.md has it, and three miners. */
export async function startCompany(folder: string): Promise<Setup> {
  const stops = new Stops();
  const postgres = await startDatabase(stops);
  const storage = stops.add(await startS3('heurist'));
  const env = {
    DATABASE_URL: await postgres.createDatabase(),
    HEURIST_ARTIFACTS: 's3://heurist',
    HEURIST_TRUST_PROXY: 'loopback',
    AWS_ACCESS_KEY_ID: testAccount.accessKeyId,
    AWS_SECRET_ACCESS_KEY: testAccount.secretAccessKey,
    S3_ENDPOINT: storage.endpoint,
  };
  const data = join(folder, 'data-1');
  const first = stops.add(await startSequencer('sequencer 1', data, env));
  const second = stops.add(await startSequencer('sequencer 2', join(folder, 'data-2'), env));
  const certificate = createCertificate(folder);
  const ports = [first.port, second.port] as const;
  const proxy = stops.add(await startProxy('haproxy', { folder, certificate, ports, isBelowPath: false }));
  const url = `https://localhost:${proxy.port}`;
  const miners = await startMiners(
    3,
    { folder, url, key: readKeys(data).miner, authority: certificate.authority },
    stops,
  );
  return {
    parts: [first, second, postgres.part, { name: 'HAProxy', ...proxy }, ...miners],
    url,
    key: readKeys(data).consumer,
    authority: readFileSync(certificate.authority, 'utf8'),
    disks: [postgres.disk, ...(storage.folder ? [{ owner: 'S3', folder: storage.folder }] : [])],
    stop: () => stops.run(),
  };
}

/** Whether the proxy of the company is installed. */
export const hasProxy = (): boolean => findProxy('haproxy') !== undefined;

async function startDatabase(stops: Stops) {
  const server = stops.add(await startPostgres());
  const pid = Number.parseInt(readFileSync(join(server.dataFolder, 'postmaster.pid'), 'utf8'), 10);
  const name = 'PostgreSQL';
  // without its log, which is of a constant size
  const disk = { owner: name, folder: join(server.dataFolder, 'base') };
  return { ...server, part: { name, pid, stop: () => server.stop() }, disk };
}

interface Gpus {
  folder: string;
  url: string;
  key: string;
  authority?: string;
}

/** Miners, each with a ComfyUI that hands out one picture of noise. */
async function startMiners(count: number, { folder, url, key, authority }: Gpus, stops: Stops): Promise<Part[]> {
  const models = workflows.find(({ workflow_id }) => workflow_id === 'sd15')!.requirements.models;
  const picture = await paintNoise();
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const comfyui = stops.add(
        await startSlowComfyui({
          durations: [PICTURE_MS],
          objectInfo: readObjectInfo(),
          models: { checkpoints: models.map(({ filename }) => filename) },
          picture,
        }),
      );
      const name = count > 1 ? `miner ${index + 1}` : 'miner';
      const env = {
        HEURIST_SEQUENCER_URL: url,
        COMFYUI_URL: comfyui.url,
        HEURIST_MINER_KEY: key,
        ...(authority && { NODE_EXTRA_CA_CERTS: authority }),
      };
      return stops.add(await startMiner(name, join(folder, `miner-${index}`), env));
    }),
  );
}

const paintNoise = async () =>
  new Uint8Array(
    await sharp({
      create: {
        width: SIDE,
        height: SIDE,
        channels: 3,
        background: 'black',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    })
      .png()
      .toBuffer(),
  );
