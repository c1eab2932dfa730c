import { type ErrorCode, HeuristError } from '@heurist/core';

/** An error in the words of the command line: its message is printed as it is. */
export class CommandError extends HeuristError {
  static override readonly className: string = 'CommandError';

  /** @param options - `code`: default `invalid_configuration` */
  constructor(message: string, { code = 'invalid_configuration', cause }: { code?: ErrorCode; cause?: unknown } = {}) {
    super(message, { code, cause });
  }
}
