// What the three setups of docs/deploy take: memory of each part, CPU time and disk for a thousand tasks with a file each. Each part is
// a process of its own, started by the built command; the three together take under three minutes. Writes the tables of the pages.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTable } from '@heurist/test-servers/page-figures';
import { measureSetup } from './support/sizes/measure.ts';
import { hasProxy, type Setup, startCompany, startOneMachine, startStudio } from './support/sizes/setups.ts';
import { printTable } from './support/statistics.ts';

const SETUPS: Record<string, (folder: string) => Promise<Setup>> = {
  'one-machine': startOneMachine,
  studio: startStudio,
  company: startCompany,
};

for (const [name, start] of Object.entries(SETUPS)) {
  if (name === 'company' && !hasProxy()) {
    console.log('company: skipped, HAProxy is not installed. Install the package haproxy.');
    continue;
  }
  const folder = mkdtempSync(join(tmpdir(), `sizes-${name}-`));
  const setup = await start(folder);
  const rows = await measureSetup(setup);
  await setup.stop();
  rmSync(folder, { recursive: true, force: true });
  printTable(rows);
  writeTable(`deploy/${name}.md`, name, rows);
}
process.exit(0);
