import { HeuristError } from '@heurist/core';

/**
 * Checks that a JSON value can be stored: Postgres accepts neither the character U+0000 nor half a surrogate pair, and
 * values nested too deeply overflow the stack of whatever walks them.
 *
 * @param maxLevels - far from the depth at which parsers run out of stack
 * @throws {HeuristError} `invalid_request`
 */
export function checkJson(value: unknown, maxLevels: number, level = 0): void {
  if (typeof value === 'string') checkText(value);
  if (typeof value !== 'object' || value === null) return;
  if (level === maxLevels) throw invalid(`is nested more than ${maxLevels} levels deep. Flatten it`);
  for (const [name, inner] of Object.entries(value)) {
    checkText(name);
    checkJson(inner, maxLevels, level + 1);
  }
}

function checkText(text: string): void {
  if (text.includes('\0')) throw invalid('contains the character U+0000, which cannot be stored. Remove it');
  if (!text.isWellFormed())
    throw invalid('contains half of a surrogate pair, which cannot be stored. Remove it, or send valid Unicode');
}

const invalid = (what: string) => new HeuristError(`The request ${what}.`, { code: 'invalid_request' });
