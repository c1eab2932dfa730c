import { HeuristError } from '@heurist/core';

/** Deeper than any parameters are, and far from the depth at which parsers run out of stack. */
const MAX_LEVELS = 64;

/**
 * Checks that a JSON value can be stored: Postgres accepts neither the character U+0000 nor half a surrogate pair, and
 * values nested too deeply overflow the stack of whatever walks them.
 *
 * @throws {HeuristError} `invalid_request`
 */
export function checkJson(value: unknown, level = 0): void {
  if (typeof value === 'string') checkText(value);
  if (typeof value !== 'object' || value === null) return;
  if (level === MAX_LEVELS) throw invalid(`is nested more than ${MAX_LEVELS} levels deep. Flatten it`);
  for (const [name, inner] of Object.entries(value)) {
    checkText(name);
    checkJson(inner, level + 1);
  }
}

function checkText(text: string): void {
  if (text.includes('\0')) throw invalid('contains the character U+0000, which cannot be stored. Remove it');
  if (!text.isWellFormed())
    throw invalid('contains half of a surrogate pair, which cannot be stored. Remove it, or send valid Unicode');
}

const invalid = (what: string) => new HeuristError(`The request ${what}.`, { code: 'invalid_request' });
