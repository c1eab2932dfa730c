// `docs/faults.md`: every fault, and what our client does. After a change on purpose, `-u` writes the page.
import { expect, test } from 'vitest';
import { type FaultName, faultGroups, faults } from '../src/faults/index.ts';
import { FAULT_NAMES } from '../src/index.ts';
import { describePeers, PATIENCE, peers } from './peers-table.ts';
import { probe } from './probe-client.ts';
import { table } from './table.ts';

const HEAD = `# Faults

What can go wrong between an app and a network, by name. \`@heurist/test-kit\` injects each of them
(\`npm install --save-dev @heurist/test-kit\`, [README](../packages/test-kit/README.md)):

\`\`\`ts
import { createTestSequencer } from '@heurist/test-kit';

const sequencer = await createTestSequencer();
await sequencer.inject('status-502', { times: 1 });
await sequencer.close();
\`\`\`

_Hits_ are the calls that a fault hits unless the test names others with \`on\`; \`upload\` and \`download\` are the PUT and GET of a file.
The last two columns say what our client does if the fault hits one call (or lasts 0.2 s), and if it stays: \`run\` with a
\`timeout\` of 10 and 9 seconds (longer for \`task-unknown\`), \`uploadFile\`, or \`saveOutput\`. A word in
code is the \`code\` of the error. A test measures them.
`;

/** A client gives up a task that is unknown after some seconds: later on a busy machine. */
const GIVE_UP_MS = 25_000;

/** In parallel: most of the time is back-off. */
async function probeAll(isOnce: boolean): Promise<Record<string, string>> {
  const timeout = isOnce ? 10_000 : 9000;
  const patience = (name: FaultName) => (name === 'task-unknown' ? GIVE_UP_MS : timeout);
  const entries = FAULT_NAMES.map(async (name) => [name, await probe(name, { isOnce, timeout: patience(name) })]);
  return Object.fromEntries(await Promise.all(entries));
}

test('docs/faults.md says what our client does', async () => {
  const [once, always] = await Promise.all([probeAll(true), probeAll(false)]);
  const sections = Object.entries(faultGroups).map(([title, group]) => {
    const rows = (Object.keys(group) as FaultName[]).map((name) => {
      const { summary, calls } = faults[name];
      const hits = calls.map((call) => `\`${call}\``).join(', ') || 'every call';
      return [`\`${name}\``, summary, hits, once[name]!, always[name]!];
    });
    return `\n## ${title}\n\n${table([['fault', 'what happens', 'hits', 'once', 'for good'], ...rows])}\n`;
  });
  await expect(`${HEAD}${sections.join('')}${describePeers()}`).toMatchFileSnapshot('../../../docs/faults.md');
});

test('the faults that others were measured with are those of today', () => {
  const names = [...FAULT_NAMES, ...PATIENCE];
  // a fault that is newer than the last run is missing
  expect(peers.rows.map(({ fault }) => fault).filter((fault) => !names.includes(fault))).toEqual([]);
  const clients = peers.clients.map(({ name }) => name);
  for (const { fault, results } of peers.rows) expect(Object.keys(results), fault).toEqual(clients);
});
