import { type ErrorCode, HeuristError } from '@heurist/core';

/** What a {@link CommandError} is about. */
export interface CommandErrorOptions {
  /** Default `invalid_configuration`. */
  code?: ErrorCode;
  cause?: unknown;
  /** Exit code of the process. Default 1. */
  exitCode?: number | undefined;
}

/** An error in the words of the command line: its message is printed as it is. */
export class CommandError extends HeuristError {
  static override readonly className: string = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, { code = 'invalid_configuration', cause, exitCode = 1 }: CommandErrorOptions = {}) {
    super(message, { code, cause });
    this.exitCode = exitCode;
  }
}
