import { HeuristError } from '@heurist/core';

/** Deeper than any parameters are, and far from where parsers run out of stack. */
const MOST_LEVELS = 64;

/**
 * Checks that a JSON value can be stored: Postgres takes neither the character 0 nor half a surrogate pair, and a value
 * can be nested so deeply that nothing can walk it.
 *
 * @throws {HeuristError} `invalid_request`
 */
export function checkStorable(value: unknown, level = 0): void {
  if (typeof value === 'string') checkText(value);
  if (typeof value !== 'object' || value === null) return;
  if (level === MOST_LEVELS) throw invalid(`is nested deeper than ${MOST_LEVELS} levels`);
  for (const [name, inner] of Object.entries(value)) {
    checkText(name);
    checkStorable(inner, level + 1);
  }
}

function checkText(text: string): void {
  if (text.includes('\0')) throw invalid('holds the character 0');
  if (!text.isWellFormed()) throw invalid('holds half of a surrogate pair');
}

const invalid = (what: string) =>
  new HeuristError(`The request ${what}, which cannot be stored.`, { code: 'invalid_request' });
