// What can go wrong, played against our client and others. Each talks to a server on this machine that speaks its own protocol, with
// the faults of `@heurist/test-kit` in front of it. Writes the table of `docs/faults.md`; with names of faults it plays those alone, and
// writes nothing.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Client } from './support/faults/client.ts';
import { comfyClient } from './support/faults/comfy.ts';
import { falClient } from './support/faults/fal.ts';
import { ours, reference } from './support/faults/ours.ts';
import { canPlay, checkWithoutFaults, play } from './support/faults/play.ts';
import { replicateClient } from './support/faults/replicate.ts';
import { type RowName, rows } from './support/faults/rows.ts';
import { PEERS, type PeerName, withPeers } from './support/peers.ts';
import { printTable } from './support/statistics.ts';

/** Calls at the same time: most of the time is back-off. */
const CONCURRENCY = 24;
const root = join(import.meta.dirname, '../..');

const all = Object.keys(rows) as RowName[];
const named = process.argv.slice(2) as RowName[];
const unknown = named.filter((name) => !all.includes(name));
if (unknown.length) throw new Error(`There is no fault ${unknown.join(', ')}. The faults: ${all.join(', ')}.`);
const names = named.length ? named : all;

// a client that throws where no caller can catch it has lost its call, and must not end the others
process.on('uncaughtException', (error) => console.error(`thrown where no caller can catch it: ${error.message}`));
process.on('unhandledRejection', () => {});

/** What a client makes of a fault: `yes`, `—` if it has no such thing, or what is wrong. */
async function judge(client: Client, name: RowName): Promise<string> {
  const { scenes } = rows[name];
  const problems: [at: string, problem: string][] = [];
  for (const scene of scenes) {
    if (!(await canPlay(client, name, scene))) return '—';
    const seen = await play(client, name, scene);
    const problem = scene.check(seen);
    if (problem) problems.push([scene.at, problem]);
    if (problem && named.length)
      console.log(`${client.name}, ${name}: ${problem} after ${Math.round(seen.ms)} ms`, seen.error);
  }
  if (!problems.length) return 'yes';
  const kinds = new Set(problems.map(([, problem]) => problem));
  const isEverywhere = problems.length === scenes.length && kinds.size === 1;
  const told = isEverywhere ? [...kinds] : problems.map(([at, problem]) => (at ? `${at} ${problem}` : problem));
  return `no: ${told.join(', ')}`;
}

/** Makers of clients of other services, with the program that finds what they need in a package. */
const makers: Partial<Record<PeerName, [program: string, make: (part: never, version: string) => Client]>> = {
  '@fal-ai/client': [`export { createFalClient } from '@fal-ai/client';`, falClient],
  replicate: [`export { default as Replicate } from 'replicate';`, replicateClient],
  '@comfyorg/sdk': [`export { Comfy } from '@comfyorg/sdk';`, comfyClient],
};

async function load(folder: string, name: PeerName): Promise<Client[]> {
  const [program, make] = makers[name] ?? [];
  if (!program || !make) return [];
  const file = join(folder, `${name.replaceAll('/', '-')}.js`);
  writeFileSync(file, program);
  return [make((await import(pathToFileURL(file).href)) as never, PEERS[name])];
}

/** Every fault, against every client. What keeps this process busy comes last: it would make others late. */
async function playAll(clients: readonly Client[]): Promise<Row[]> {
  const table = names.map((fault): Row => ({ fault, survives: rows[fault].survives, results: {} }));
  for (const part of [table.filter(isLight), table.filter((row) => !isLight(row))]) {
    const jobs = part.flatMap((row) => clients.map((client) => ({ row, client })));
    const work = async () => {
      for (let job = jobs.shift(); job; job = jobs.shift())
        job.row.results[job.client.name] = await judge(job.client, job.row.fault);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
  }
  return table;
}

interface Row {
  fault: RowName;
  survives: string;
  /** Name of a client -> what it makes of the fault. */
  results: Record<string, string>;
}

const isLight = ({ fault }: Row) => !rows[fault].isHeavy;

function print(clients: readonly Client[], table: readonly Row[]): void {
  const columns = clients.map(({ name }) => name);
  const body = table.map(({ fault, results }) => [fault, ...columns.map((name) => results[name]!)]);
  printTable([['fault', ...columns], ...body]);
  for (const name of columns) {
    const played = table.map(({ results }) => results[name]).filter((result) => result !== '—');
    console.log(`${name}: survives ${played.filter((result) => result === 'yes').length} of ${played.length}`);
  }
}

/** The page is a test's, which has the results from this file. */
function write(clients: readonly Client[], table: readonly Row[]): void {
  const inOrder = ({ results }: Row) => Object.fromEntries(clients.map(({ name }) => [name, results[name]]));
  const file = {
    date: new Date().toISOString().slice(0, 10),
    clients: clients.map(({ name, version, settings }) => ({ name, version, settings })),
    rows: table.map((row) => ({ ...row, results: inOrder(row) })),
  };
  writeFileSync(join(root, 'packages/test-kit/test/peers.json'), `${JSON.stringify(file, null, 2)}\n`);
  const test = ['run', '--project', 'test-kit', 'faults-page', '-u'];
  execFileSync('node_modules/.bin/vitest', test, { cwd: root, stdio: 'inherit' });
}

await withPeers(async (folder, peers) => {
  const clients = [ours, reference];
  for (const name of peers) clients.push(...(await load(folder, name)));
  await Promise.all(clients.map(checkWithoutFaults));
  const table = await playAll(clients);
  print(clients, table);
  if (!named.length) write(clients, table);
});
process.exit(0);
