import type { ParameterDescription } from '@heurist/core/definition';
import { InvalidArgumentError } from 'commander';

/**
 * The value of a flag.
 *
 * @throws {InvalidArgumentError}
 */
export function readValue(text: string, { type, enum: choices }: ParameterDescription): unknown {
  if (type === 'string' || (!type && !choices)) return text;
  try {
    return JSON.parse(text);
  } catch {
    const wanted = type === 'integer' ? 'a whole number' : type === 'number' ? 'a number' : 'one of its values';
    throw new InvalidArgumentError(`"${text}" is not ${wanted}.`);
  }
}
