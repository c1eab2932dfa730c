// What the measurements mean: pure, so that a test can judge it.

/** What is measured on a page. Scores are from 0 to 100, times in milliseconds. */
export interface Measurement {
  performance: number;
  accessibility: number;
  'best practices': number;
  SEO: number;
  'LCP (ms)': number;
  'layout shift': number;
}

/** What the page has to reach. */
const TARGETS: Readonly<Record<keyof Measurement, { least: number } | { most: number }>> = {
  performance: { least: 95 },
  accessibility: { least: 100 },
  'best practices': { least: 100 },
  SEO: { least: 100 },
  'LCP (ms)': { most: 1500 },
  'layout shift': { most: 0.05 },
};

const names = Object.keys(TARGETS) as (keyof Measurement)[];

/** The middle one of several numbers. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

/** The median of each number. */
export function medianOf(runs: readonly Measurement[]): Measurement {
  return Object.fromEntries(
    names.map((name) => [name, median(runs.map((run) => run[name]))]),
  ) as unknown as Measurement;
}

/** What a page does not reach, in words. */
export function missed(measured: Measurement): string[] {
  return names.flatMap((name) => {
    const target = TARGETS[name];
    const value = measured[name];
    if ('least' in target) return value >= target.least ? [] : `${name} is ${value}, not ${target.least} or more`;
    return value <= target.most ? [] : `${name} is ${value}, not ${target.most} or less`;
  });
}

/** A report of Lighthouse, as far as it is read. */
export interface LighthouseReport {
  categories: Record<string, { score: number | null }>;
  audits: Record<string, { numericValue?: number }>;
}

/** @throws {Error} if Lighthouse could not measure something */
export function read({ categories, audits }: LighthouseReport): Measurement {
  const score = (name: string) => {
    const value = categories[name]?.score;
    if (typeof value !== 'number') throw new Error(`Lighthouse has no score for ${name}.`);
    return Math.round(100 * value);
  };
  const number = (name: string) => {
    const value = audits[name]?.numericValue;
    if (value === undefined) throw new Error(`Lighthouse did not measure ${name}.`);
    return value;
  };
  return {
    performance: score('performance'),
    accessibility: score('accessibility'),
    'best practices': score('best-practices'),
    SEO: score('seo'),
    'LCP (ms)': Math.round(number('largest-contentful-paint')),
    'layout shift': Math.round(1000 * number('cumulative-layout-shift')) / 1000,
  };
}

/** A row for each page, below the names of what was measured. */
export const rowsOf = (pages: Readonly<Record<string, Measurement>>): string[][] => [
  ['page', ...names],
  ...Object.entries(pages).map(([path, measured]) => [`\`${path}\``, ...names.map((name) => String(measured[name]))]),
];
