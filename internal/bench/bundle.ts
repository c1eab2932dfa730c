// What an app ships to a browser: the client and workflows, minified, gzip -9. What is loaded at the first call is counted apart.
// Beside ours, heurist@0.0.43 and the clients of other services. Writes the figures of the README and a table of `docs/benchmarks.md`.
import { readFileSync, writeFileSync } from 'node:fs';
import { measureBundle } from '@heurist/build/bundle-size';
import { withFigures, writeTable } from '@heurist/test-servers/page-figures';
import { bundleFigures, measureBundles, measureOwnCode, peerPrograms } from './support/bundle-sizes.ts';
import { PEERS, withPeers } from './support/peers.ts';
import { printTable } from './support/statistics.ts';

const sizes = await measureBundles();
const figures = bundleFigures(sizes);
for (const [name, size] of await measureOwnCode()) sizes.set(name, size);
await withPeers(async (from, peers) => {
  // @comfyorg/sdk asks for Node's modules, so it does not run in a browser
  for (const name of peers)
    if (peerPrograms[name])
      sizes.set(`${name}@${PEERS[name]}`, await measureBundle(peerPrograms[name], { from, external: ['node:*'] }));
});
const [first] = sizes.values();
const rows = [
  ['bundle', 'first load, minified', 'gzip', 'later, gzip', 'ratio to the first'],
  ...[...sizes].map(([name, { minified, gzip, later }]) => [
    name,
    ...[minified, gzip, later].map((bytes) => bytes.toLocaleString('en')),
    (gzip / first!.gzip).toFixed(2),
  ]),
];
printTable(rows);
console.log(`aim: 12500 or less; ratio to the aim ${(first!.gzip / 12_500).toFixed(2)}`);

const readme = new URL('../../README.md', import.meta.url);
writeFileSync(readme, withFigures(readFileSync(readme, 'utf8'), figures));
writeTable('benchmarks.md', 'bundle', rows);
