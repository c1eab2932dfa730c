import { relative } from 'node:path';
import { printableLine } from '@heurist/core/protocol';
import type { TestReport } from './run-test.ts';

/** The lines of a test: what came, and for each miss what was expected. */
export function reportText({ name, seconds, misses, came, saved }: TestReport): string {
  const mark = misses.length ? 'FAIL' : 'ok  ';
  const lines = [
    `${mark} ${name} (${came}; ${seconds.toFixed(1)} s)`,
    ...misses.map(({ what, expected, got }) => `     ${what}: expected ${expected}, got ${got}`),
    ...saved.map((path) => `     saved ${relative(process.cwd(), path)}`),
  ];
  // names, and what a miner said
  return lines.map((line) => `${printableLine(line)}\n`).join('');
}

/** The last line. */
export function endText(reports: readonly TestReport[]): string {
  const failed = reports.filter(({ misses }) => misses.length).length;
  if (failed) return `${failed} of ${tests(reports.length)} failed.`;
  return reports.length === 1 ? 'The test passed.' : `All ${tests(reports.length)} passed.`;
}

const tests = (count: number) => `${count} test${count === 1 ? '' : 's'}`;
