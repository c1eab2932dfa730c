import { HeuristError } from '@heurist/core';

/** Why a task's input cannot be used. The consumer gets the code as the code of the task's error. */
export type InputErrorCode =
  | 'input_unreachable'
  | 'input_invalid'
  | 'input_too_large'
  | 'no_output'
  | 'execution_failed';

/** The task itself is at fault: another miner could not do it either. */
export class InputError extends HeuristError {
  static override readonly className: string = 'InputError';

  constructor(code: InputErrorCode, message: string, cause?: unknown) {
    super(message, { code, cause });
  }
}
