// The part of `docs/faults.md` on other clients. `npm run bench -- faults` measures it, and writes `peers.json`.
import { readFileSync } from 'node:fs';
import { faultGroups } from '../src/faults/index.ts';
import { table } from './table.ts';

interface Peers {
  date: string;
  clients: { name: string; version: string; settings: string }[];
  rows: { fault: string; survives: string; results: Record<string, string> }[];
}

/** What is no fault of a network, but of the patience of a caller. */
export const PATIENCE = ['abort', 'timeout'];

export const peers: Peers = JSON.parse(readFileSync(new URL('peers.json', import.meta.url), 'utf8'));

const nameOf = ({ name, version }: Peers['clients'][number]) => (version ? `${name}@${version}` : name);

/** How many faults a client survives, of those that it can have. */
function score(name: string): string {
  const played = peers.rows.map(({ results }) => results[name]).filter((result) => result !== '—');
  return `${played.filter((result) => result === 'yes').length} of ${played.length}`;
}

export function describePeers(): string {
  const { date, clients } = peers;
  const settings = clients.map((client) => `- ${nameOf(client)}: ${client.settings}`).join('\n');
  const names = clients.map(nameOf);
  const scores = clients.map(({ name }) => score(name));
  const groups = { ...faultGroups, 'The caller gives up': Object.fromEntries(PATIENCE.map((name) => [name, {}])) };
  const sections = Object.entries(groups).map(([title, group]) => {
    const found = peers.rows.filter(({ fault }) => fault in group);
    const rows = found.map(({ fault, survives, results }) => [`\`${fault}\``, survives, ...Object.values(results)]);
    return `\n### ${title}: other clients\n\n${table([['fault', 'survived if', ...names], ...rows])}\n`;
  });
  return `
## Other clients

\`npm run bench -- faults\` plays these faults against our client and others in one run (${date}). Each talks to a server on the same
machine that speaks its own protocol, with the same faults in front of it, and is called as its pages advise:

${settings}

A fault hits one submit, then one poll of another job, unless it is there for good: refusals, failed jobs, streams and files. The
second column says what counts as survived. \`—\`: the client or its service has no such thing.

${table([
  ['client', ...names],
  ['survived', ...scores],
])}
${sections.join('')}`;
}
