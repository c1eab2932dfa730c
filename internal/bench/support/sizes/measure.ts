// Puts a load on a network, and says what each of its parts took.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';
import { Heurist } from '@heurist/core';
import { sleep } from '@heurist/server-kit/sleep';
import { Text2ImageTask } from '@heurist/text2image';
import type { Part } from './parts.ts';
import type { Setup } from './setups.ts';
import { readUsage, type Usage } from './usage.ts';

/** How long tasks are sent, in milliseconds. */
const WORK_MS = 30_000;
/** What CPU time and disk are told for. */
const PER_TASKS = 1000;
/** Tasks that wait or run at the same time. */
const LANES = 32;
/** After the start, until a network is at rest. */
const SETTLE_MS = 4000;
const REST_MS = 10_000;
const SAMPLE_MS = 500;

/** Measures a network at rest and at work. Returns a table: a row for each part, and one for all. */
export async function measureSetup(setup: Setup): Promise<string[][]> {
  const { parts, disks } = setup;
  await sleep(SETTLE_MS);
  const start = parts.map(read);
  await sleep(REST_MS);
  const rest = parts.map(read);
  const before = disks.map(({ folder }) => sizeOf(folder));
  const { result: done, seconds, peaks } = await watch(parts, () => sendTasks(setup));
  const end = parts.map(read);
  const share = PER_TASKS / done;
  const stored = new Map<string, number>();
  for (const [index, { owner, folder }] of disks.entries())
    stored.set(owner, (stored.get(owner) ?? 0) + (sizeOf(folder) - before[index]!) * share);
  const measured = parts.map((_, index) => ({
    rest: rest[index]!.memory,
    peak: peaks[index]!,
    idle: (rest[index]!.cpu - start[index]!.cpu) / (REST_MS / 1000),
    work: (end[index]!.cpu - rest[index]!.cpu) * share,
  }));
  return toTable({ parts, measured, stored, rate: done / seconds });
}

interface Figures {
  parts: readonly Part[];
  /** Of each part. */
  measured: readonly Measured[];
  /** Bytes, by who keeps them. */
  stored: ReadonlyMap<string, number>;
  /** Tasks a second. */
  rate: number;
}

function toTable({ parts, measured, stored, rate }: Figures): string[][] {
  const diskOf = (name: string) => (stored.has(name) ? toMegabytes(stored.get(name)!) : '');
  const elsewhere = [...stored.keys()].filter((owner) => !parts.some(({ name }) => name === owner));
  const total = [...stored.values()].reduce((sum, size) => sum + size, 0);
  const per = `for ${PER_TASKS.toLocaleString('en')} tasks`;
  return [
    [
      `${LANES} tasks at a time: ${rate.toFixed(0)} tasks/s`,
      'memory at rest',
      'at most',
      'CPU at rest',
      `CPU ${per}`,
      `disk ${per}`,
    ],
    ...parts.map(({ name }, index) => [...toRow(name, measured[index]!), diskOf(name)]),
    ...elsewhere.map((name) => [name, '', '', '', '', diskOf(name)]),
    [...toRow('all', measured.reduce(add)), toMegabytes(total)],
  ];
}

interface Measured {
  /** Bytes. */
  rest: number;
  peak: number;
  /** Cores. */
  idle: number;
  /** Seconds for so many tasks. */
  work: number;
}

const add = (a: Measured, b: Measured): Measured => ({
  rest: a.rest + b.rest,
  peak: a.peak + b.peak,
  idle: a.idle + b.idle,
  work: a.work + b.work,
});

const toMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
const toRow = (name: string, { rest, peak, idle, work }: Measured) => [
  name,
  toMegabytes(rest),
  toMegabytes(peak),
  `${(idle * 100).toFixed(1)} %`,
  `${work.toFixed(1)} s`,
];

const read = ({ pid }: Part): Usage => readUsage(pid);

/** Seconds that some work takes, and the most memory of each part meanwhile. */
async function watch<T>(parts: readonly Part[], work: () => Promise<T>) {
  const peaks = parts.map(() => 0);
  const look = () => {
    for (const [index, part] of parts.entries()) peaks[index] = Math.max(peaks[index]!, read(part).memory);
  };
  const timer = setInterval(look, SAMPLE_MS);
  const begin = performance.now();
  const result = await work();
  const seconds = (performance.now() - begin) / 1000;
  clearInterval(timer);
  look();
  return { result, seconds, peaks };
}

/** Returns how many tasks have ended. */
async function sendTasks({ url, key, authority }: Setup): Promise<number> {
  // what NODE_EXTRA_CA_CERTS does at the start of a process
  if (authority) tls.setDefaultCACertificates([...tls.getCACertificates(), authority]);
  const heurist = new Heurist({ workflowURL: url, apiKey: key });
  const end = performance.now() + WORK_MS;
  let done = 0;
  const lane = async () => {
    for (; performance.now() < end; done++)
      await heurist.workflow.run(new Text2ImageTask({ workflow_id: 'sd15', prompt: 'a red fox' }));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return done;
}

/** Bytes that a folder takes on its disk. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? sizeOf(path) : blocksOf(path));
  }, 0);
}

/** Of a file that may be gone by now. */
const blocksOf = (path: string) => (statSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
