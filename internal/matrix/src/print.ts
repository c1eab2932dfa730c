import type { Cell } from './cell.ts';
import type { Outcome } from './matrix.ts';

const MARKS = { passed: 'ok     ', failed: 'FAILED ', skipped: 'SKIPPED' } as const;

/** Lines of what a program printed that are shown at most: errors of Node are long, and begin with what matters. */
const MOST_LINES = 25;

/** One line for the log; more if it failed. */
export function describeOutcome({ cell, state, why, seconds }: Outcome): string {
  const lines = why?.trim().split('\n').slice(0, MOST_LINES) ?? [];
  const head = `${MARKS[state]}  ${cell.where}: ${cell.does} (${seconds.toFixed(1)} s)`;
  return [head, ...lines.map((line) => `         ${line}`)].join('\n');
}

/** The closing line. */
export function summarize(outcomes: readonly Outcome[]): string {
  const count = (state: Outcome['state']) => outcomes.filter((outcome) => outcome.state === state).length;
  return `${count('passed')} cells passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

/** The page that a run writes. */
export const PAGE = 'docs/runtimes.md';

const HEAD = `# Where it runs

The packages are packed as they are published, installed into empty folders, and used on everything below: each row is a program that
runs against a real network on the same machine. What cannot be installed is \`not tried\`, and the run says why. Types are compiled with
\`strict\`, \`exactOptionalPropertyTypes\` and \`skipLibCheck: false\`. \`npm run matrix -- --write\` writes this page, and \`npm run test:all\`
runs all of it.

- **React Native** lacks \`crypto.getRandomValues\`, \`URL.canParse\` and parts of \`AbortSignal\`: \`new Heurist()\` names what is missing. With
  polyfills for these, and a \`fetch\` that can leave redirects alone, the client works. It polls where \`fetch\` has no streams.
- **At the edge of Next**, which has no \`AbortSignal.any\`, an attempt that is too slow is given up and tried again, but its connection
  stays open until the call ends.

| where | what is done there | result |
| --- | --- | --- |
`;

const RESULTS = { passed: 'works', failed: 'fails', skipped: 'not tried' } as const;

/** The beginning of a row. */
export const rowOf = ({ where, does }: Cell): string => `| ${where} | ${does} |`;

/** The page in Markdown, to be formatted. */
export function printPage(outcomes: readonly Outcome[]): string {
  return HEAD + outcomes.map(({ cell, state }) => `${rowOf(cell)} ${RESULTS[state]} |\n`).join('');
}
