import { type ErrorCode, HeuristError } from '@heurist/core';
import type { PlannedOutput } from './find/graph-plan.ts';

/** What a {@link PlanError} is about. */
interface PlanErrorOptions {
  /** Default `invalid_input`. */
  code?: ErrorCode;
  cause?: unknown;
  /** Whether a ComfyUI that has the nodes could help. */
  needsServer?: boolean;
  /** Nodes of which one may be the output that was not found. */
  ends?: readonly Pick<PlannedOutput, 'node' | 'class_type'>[];
}

/** A file, a graph or a change of a plan that cannot be used: the message says what was found, where, and what to do. */
export class PlanError extends HeuristError {
  static override readonly className: string = 'PlanError';
  readonly needsServer: boolean;
  readonly ends: readonly Pick<PlannedOutput, 'node' | 'class_type'>[];

  constructor(
    message: string,
    { code = 'invalid_input', cause, needsServer = false, ends = [] }: PlanErrorOptions = {},
  ) {
    super(message, { code, cause });
    this.needsServer = needsServer;
    this.ends = ends;
  }
}
