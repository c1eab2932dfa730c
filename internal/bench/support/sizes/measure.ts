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

const TASKS = 1000;
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
  const { seconds, peaks } = await watch(parts, () => sendTasks(setup));
  const end = parts.map(read);
  const stored = new Map<string, number>();
  for (const [index, { owner, folder }] of disks.entries())
    stored.set(owner, (stored.get(owner) ?? 0) + sizeOf(folder) - before[index]!);
  const measured = parts.map((_, index) => ({
    rest: rest[index]!.memory,
    peak: peaks[index]!,
    idle: (rest[index]!.cpu - start[index]!.cpu) / (REST_MS / 1000),
    work: end[index]!.cpu - rest[index]!.cpu,
  }));
  return toTable({ parts, measured, stored, seconds });
}

interface Figures {
  parts: readonly Part[];
  /** Of each part. */
  measured: readonly Measured[];
  /** Bytes of all tasks, by who keeps them. */
  stored: ReadonlyMap<string, number>;
  /** For all tasks. */
  seconds: number;
}

function toTable({ parts, measured, stored, seconds }: Figures): string[][] {
  const diskOf = (name: string) => (stored.has(name) ? toMegabytes(stored.get(name)!) : '');
  const elsewhere = [...stored.keys()].filter((owner) => !parts.some(({ name }) => name === owner));
  const total = [...stored.values()].reduce((sum, size) => sum + size, 0);
  const load = `${TASKS.toLocaleString('en')} tasks, ${LANES} at a time: ${(TASKS / seconds).toFixed(0)} tasks/s`;
  return [
    [load, 'memory at rest', 'at most', 'CPU at rest', 'CPU for the tasks', 'disk for the tasks'],
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
  /** Seconds. */
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
async function watch(parts: readonly Part[], work: () => Promise<void>) {
  const peaks = parts.map(() => 0);
  const look = () => {
    for (const [index, part] of parts.entries()) peaks[index] = Math.max(peaks[index]!, read(part).memory);
  };
  const timer = setInterval(look, SAMPLE_MS);
  const begin = performance.now();
  await work();
  const seconds = (performance.now() - begin) / 1000;
  clearInterval(timer);
  look();
  return { seconds, peaks };
}

async function sendTasks({ url, key, authority }: Setup): Promise<void> {
  // what NODE_EXTRA_CA_CERTS does at the start of a process
  if (authority) tls.setDefaultCACertificates([...tls.getCACertificates(), authority]);
  const heurist = new Heurist({ workflowURL: url, apiKey: key });
  let left = TASKS;
  const lane = async () => {
    while (left-- > 0) await heurist.workflow.run(new Text2ImageTask({ workflow_id: 'sd15', prompt: 'a red fox' }));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
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
