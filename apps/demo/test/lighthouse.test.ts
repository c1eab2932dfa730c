// What `npm run lighthouse` makes of its measurements. It measures nothing here: times belong to an idle machine.
import { expect, test } from 'vitest';
import { median, medianOf, missed, read, rowsOf } from '../lighthouse/results.ts';
import { longestWorkIn, missedByScrolling } from '../lighthouse/scroll.ts';

const good = {
  performance: 99,
  accessibility: 100,
  'best practices': 100,
  SEO: 100,
  'LCP (ms)': 900,
  'layout shift': 0.01,
};

test('the median is the middle one, in any order', () => {
  expect([median([3, 1, 2]), median([5]), median([100, 9, 20, 10, 11])]).toEqual([2, 5, 11]);
  const runs = [90, 99, 97].map((performance) => ({ ...good, performance }));
  expect(medianOf(runs)).toEqual({ ...good, performance: 97 });
});

test('what is missed is named with its value and its target; what is just reached is not', () => {
  expect(missed({ ...good, performance: 95, 'LCP (ms)': 1500, 'layout shift': 0.05 })).toEqual([]);
  expect(missed({ ...good, performance: 94, SEO: 92, 'LCP (ms)': 1501 })).toEqual([
    'performance is 94, not 95 or more',
    'SEO is 92, not 100 or more',
    'LCP (ms) is 1501, not 1500 or less',
  ]);
});

const report = {
  categories: {
    performance: { score: 0.988 },
    accessibility: { score: 1 },
    'best-practices': { score: 1 },
    seo: { score: 1 },
  },
  audits: {
    'largest-contentful-paint': { numericValue: 901.4 },
    'cumulative-layout-shift': { numericValue: 0.01234 },
  },
};

test('a report is read; what is missing in it is an error, not a pass', () => {
  expect(read(report)).toEqual({ ...good, 'LCP (ms)': 901, 'layout shift': 0.012 });
  expect(() => read({ ...report, categories: { ...report.categories, seo: { score: null } } })).toThrow(
    /no score for seo/,
  );
  expect(() => read({ ...report, audits: {} })).toThrow(/did not measure largest-contentful-paint/);
});

test('of a trace, the most that a task of the page worked counts, and no task of another thread', () => {
  const thread = { pid: 1, tid: 2 };
  const traceEvents = [
    { name: 'thread_name', ...thread, args: { name: 'CrRendererMain' } },
    { name: 'RunTask', ...thread, tdur: 12_000 },
    { name: 'ThreadControllerImpl::RunTask', ...thread, tdur: 19_000 },
    { name: 'RunTask', ...thread },
    { name: 'Paint', ...thread, tdur: 70_000 },
    { name: 'RunTask', pid: 1, tid: 3, tdur: 80_000 },
  ];
  expect(longestWorkIn({ traceEvents })).toBe(19);
  expect(() => longestWorkIn({ traceEvents: traceEvents.slice(1) })).toThrow(/no task of a page/);
  expect(missedByScrolling({ taken: 50, worked: 50 })).toEqual([]);
  expect(missedByScrolling({ taken: 277, worked: 12 })[0]).toMatch(
    /^a task of 277 ms .* \(on a core: 12 ms at most\)$/,
  );
});

test('the table has a row for each page', () => {
  expect(rowsOf({ '/': good })).toEqual([
    ['page', 'performance', 'accessibility', 'best practices', 'SEO', 'LCP (ms)', 'layout shift'],
    ['`/`', '99', '100', '100', '100', '900', '0.01'],
  ]);
});
