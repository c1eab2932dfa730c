// docs/monitoring.md lists what servers export: `vitest run --project monitoring page -u` writes its table.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Metric, readMetrics } from '../src/read-metrics.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const MARKS = /(<!-- table metrics -->)[\s\S]*?(<!-- \/table -->)/;

/** How the values of all replicas become one. */
const over = ({ of, type, name }: Metric) =>
  of === 'miner' ? '' : name.startsWith('heurist_storage_') ? 'min' : type === 'gauge' ? 'max' : 'sum';

function tableOf(metrics: readonly Metric[]): string {
  const rows = metrics.map((metric) => [`\`${metric.name}\``, metric.of, metric.type, over(metric), metric.help]);
  const all = [['metric', 'of', 'type', 'over replicas', 'meaning'], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const [head, ...rest] = all.map(line);
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest].join('\n');
}

test('the table of metrics is what servers say', async () => {
  const page = read('docs/monitoring.md');
  expect(page).toMatch(MARKS);
  const written = page.replace(MARKS, `$1\n\n${tableOf(await readMetrics())}\n\n$2`);
  await expect(written).toMatchFileSnapshot('../../../docs/monitoring.md');
});

test('the page says what to do at each alert, and names no other', () => {
  const alerts = read('deploy/prometheus/alerts.yml').match(/(?<=- alert: )\w+/g);
  const rows = read('docs/monitoring.md').match(/(?<=^\| `)Heurist\w+(?=` +\|)/gm);
  expect(rows).toEqual(alerts);
});
