import { HeuristError } from '@heurist/core';

/** What a command throws for options that it cannot work with. */
export function invalid(message: string): HeuristError {
  return new HeuristError(message, { code: 'invalid_configuration' });
}
