const LONGEST = 60;

/** A wrong value as messages show it: ` (got 3)`. Nothing for a value that is missing. */
export function got(value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return ' (got an array)';
  if (typeof value === 'object' && value !== null) return ' (got an object)';
  if (typeof value !== 'string') return ` (got ${String(value)})`;
  return ` (got ${JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value)})`;
}

/**
 * The message of a zod check, for a field that is missing as well as for one that is wrong: `must be a number (got "3")`.
 *
 * @param what - what the field must be: `a number from 1 to 8`
 */
export function mustBe(what: string): (issue: { input?: unknown }) => string {
  return ({ input }) => (input === undefined ? `is required (${what})` : `must be ${what}${got(input)}`);
}
