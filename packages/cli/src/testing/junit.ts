import { xmlText } from '../output/xml-text.ts';
import type { TestReport } from './run-test.ts';

/** The reports as JUnit's XML, which CI systems read. */
export function junitXml(suite: string, reports: readonly TestReport[]): string {
  const failures = reports.filter(({ misses }) => misses.length).length;
  const seconds = reports.reduce((sum, report) => sum + report.seconds, 0);
  const counts = `tests="${reports.length}" failures="${failures}" errors="0" skipped="0" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${xmlText(suite)}" ${counts}>`,
    ...reports.map((report) => testCase(suite, report)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(suite: string, { name, seconds, misses }: TestReport): string {
  const head = `    <testcase classname="${xmlText(suite)}" name="${xmlText(name)}" time="${seconds.toFixed(3)}"`;
  if (!misses.length) return `${head}/>`;
  const lines = misses.map(({ what, expected, got }) => `${what}: expected ${expected}, got ${got}`);
  const failure = `<failure message="${xmlText(lines[0]!)}" type="expectation">${xmlText(lines.join('\n'))}</failure>`;
  return `${head}>\n      ${failure}\n    </testcase>`;
}
