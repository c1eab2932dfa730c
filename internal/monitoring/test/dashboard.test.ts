// deploy/grafana/heurist.json is the dashboard of src/dashboard.ts: `vitest run --project monitoring dashboard -u` writes it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dashboard } from '../src/dashboard.ts';
import { expressionsOf } from '../src/expressions.ts';
import { readMetrics } from '../src/read-metrics.ts';

const root = join(import.meta.dirname, '../../..');

/** As the formatter of this repository has it: a list of one is one line. */
const text = JSON.stringify(dashboard, undefined, 2).replaceAll(/\[\n\s+("[^"\n]*")\n\s+\]/g, '[$1]');

test('the file for Grafana is what its types allow', async () => {
  await expect(`${text}\n`).toMatchFileSnapshot('../../../deploy/grafana/heurist.json');
});

test('panels have ids of their own, and none covers another', () => {
  const panels = dashboard.panels ?? [];
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } = { x: 0, y: 0, w: 0, h: 0 } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(cells.filter((cell) => Number(cell.split(' ')[0]) >= 24)).toEqual([]);
});

test('panels and alerts name only metrics that there are', async () => {
  const known = new Set((await readMetrics()).flatMap(({ name }) => [name, `${name}_bucket`]));
  const alerts = readFileSync(join(root, 'deploy/prometheus/alerts.yml'), 'utf8').replaceAll(/^ *(#|- alert).*$/gm, '');
  const named = [...expressionsOf(dashboard), alerts].flatMap((text) => text.match(/\bheurist_\w+/g) ?? []);
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test('every panel takes the data source and the replica that are chosen', () => {
  for (const panel of dashboard.panels ?? []) {
    if (panel.type === 'row') continue;
    expect(panel.datasource).toEqual({ type: 'prometheus', uid: '$datasource' });
  }
  // miners are no replicas
  const others = expressionsOf(dashboard).filter(
    (expr) => !expr.includes('$replica') && !expr.includes('heurist_miner_run'),
  );
  expect(others).toEqual([]);
});
