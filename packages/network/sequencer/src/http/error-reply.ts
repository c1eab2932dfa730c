import { HeuristError } from '@heurist/core';
import { errorCodes } from '@heurist/core/protocol';
import { createThrottledLog } from '@heurist/server-kit/throttled-log';
import { TooManyTasks } from '../tasks/task-quota.ts';
import type { SequencerServices } from './services.ts';

/** How an error is answered. */
interface ErrorReply {
  status: (typeof errorCodes)[keyof typeof errorCodes]['status'];
  body: { code: string; message: string; task_id?: string };
  /** When to come again. */
  retryAfterSeconds: number | undefined;
}

/** Answers what a call has thrown, and logs what is the network's own fault. */
export type ErrorReplies = (error: unknown, path: string) => ErrorReply;

export function createErrorReplies({
  logger,
  clock,
  writeProbe,
}: Pick<SequencerServices, 'logger' | 'clock' | 'writeProbe'>): ErrorReplies {
  const logAway = createThrottledLog((message, fields) => logger.error(message, fields), clock);
  return (error, path) => {
    if (!HeuristError.isInstance(error)) {
      logger.error('request failed', { path, message: (error as Error).message });
      const body = { code: 'internal', message: 'The sequencer failed. Try again.' };
      return { status: 500, body, retryAfterSeconds: undefined };
    }
    const { code, message, task_id } = error;
    if (code === 'unavailable') {
      writeProbe.doubt();
      logAway(message, 'requests cannot be served', { path, message });
    }
    return {
      status: errorCodes[code as keyof typeof errorCodes]?.status ?? 500,
      body: { code, message, ...(task_id && { task_id }) },
      retryAfterSeconds: error instanceof TooManyTasks ? error.retryAfterSeconds : undefined,
    };
  };
}
