/** What a value becomes that is not known, or one too many. */
export const OTHER = 'other';

/** How many values a label may have. Each one is a time series in Prometheus for weeks. */
const MOST_VALUES = 200;

/**
 * Bounds a label: strangers must not be able to make time series by making up names.
 *
 * @param known - its values; those above the limit count as unknown
 * @returns the value itself, or `other`
 */
export function boundLabel(known: Iterable<string>, most = MOST_VALUES): (value: string) => string {
  const values = new Set([...new Set(known)].slice(0, most));
  return (value) => (values.has(value) ? value : OTHER);
}
