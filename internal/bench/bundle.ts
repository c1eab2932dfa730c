// What an app ships to a browser: the client and workflows, minified, gzip -9. Against heurist@0.0.43. Writes the figures of the
// README.
import { readFileSync, writeFileSync } from 'node:fs';
import { bundleFigures, measureBundles } from './support/bundle-sizes.ts';
import { withFigures } from './support/figures.ts';
import { printTable } from './support/statistics.ts';

const sizes = await measureBundles();
const [first] = sizes.values();
const rows = [...sizes].map(([name, { minified, gzip }]) => [name, minified, gzip, (gzip / first!.gzip).toFixed(2)]);
printTable([['bundle', 'minified', 'gzip', 'ratio to the first'], ...rows.map((row) => row.map(String))]);
console.log(`aim: 17000 or less; ratio to the aim ${(first!.gzip / 17_000).toFixed(2)}`);

const readme = new URL('../../README.md', import.meta.url);
writeFileSync(readme, withFigures(readFileSync(readme, 'utf8'), bundleFigures(sizes)));
