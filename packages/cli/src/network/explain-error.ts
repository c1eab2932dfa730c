import { HeuristError, TaskFailedError, TaskTimeoutError } from '@heurist/core';
import { printableLine } from '@heurist/core/protocol';
import { authorityAdvice } from '@heurist/server-kit/unknown-authority';
import { CommandError } from '../output/command-error.ts';
import { spell } from '../system/spelling.ts';
import type { Connection } from './connection.ts';

/** What a command knows that an error of the SDK does not. */
export interface Context extends Partial<Connection> {
  /** Seconds given with `--timeout`. */
  timeout?: number;
  /** Inputs that are URLs, as they were given: `--image https://...`. */
  inputs?: readonly string[];
  /** The file that a result is saved to. */
  output?: string;
  /** Set if the network did not confirm that it canceled the task. */
  isCancelUnconfirmed?: boolean;
}

/**
 * Runs a part of a command. Errors of the SDK, whose advice is for programs, are explained in the words of the command
 * line; all others pass.
 */
export async function explained<T>(context: Context, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainError(error, context);
  }
}

/** The error in the words of the command line, if its code has an explanation; otherwise the error itself. */
export function explainError(error: unknown, context: Context): Error {
  if (CommandError.isInstance(error)) return error;
  if (!HeuristError.isInstance(error)) return error as Error;
  // the code of a failed task is a miner's: only what is about the task itself is taken from it
  const isKnown = TaskFailedError.isInstance(error)
    ? error.code === 'input_unreachable'
    : Object.hasOwn(explanations, error.code);
  const message = isKnown ? explanations[error.code]?.(error, context) : lineOf(error);
  if (!message) return error;
  return new CommandError(message, { code: error.code, cause: error, exitCode: exitCodeOf(error) });
}

/** A wait that Ctrl-C ended has its error as the cause. */
function exitCodeOf({ code, cause }: HeuristError): number | undefined {
  return code === 'aborted' && CommandError.isInstance(cause) ? cause.exitCode : undefined;
}

/** What a miner says of a task has no lines of its own: they would pass for ours. */
function lineOf(error: HeuristError): string | undefined {
  return TaskFailedError.isInstance(error) ? printableLine(error.message) : undefined;
}

type Explanation = (error: HeuristError, context: Context) => string | undefined;

/** By error code. What is undefined here is clear as it is. */
const explanations: Record<string, Explanation> = {
  unauthorized: (_, { key }) =>
    key &&
    `The sequencer rejected the key: it is wrong, has expired or was revoked. Check ${key}, or ask the operator for a new key.`,
  storage_quota_exceeded: ({ message }) =>
    `${printableLine(message)} An operator gives more with \`${spell('keys change KEY_ID --limit stored_bytes=BYTES')}\`.`,
  connection_failed: (error, { address, output }) => {
    if (output) return `The result for ${output} could not be downloaded${reasonOf(error)}. Run the command again.`;
    if (!address) return undefined;
    return `The sequencer at ${address.value} cannot be reached${reasonOf(error)}. Is it running, and is ${address.name} correct?${spaced(authorityAdvice(error))}${proxyAdvice(address.value)}`;
  },
  request_timeout: (_, { address }) =>
    address &&
    `The sequencer at ${address.value} did not answer in time. Try again later.${proxyAdvice(address.value)}`,
  task_timeout: (error, context) => {
    const { timeout, isCancelUnconfirmed } = context;
    if (timeout === undefined) return undefined;
    // nothing was submitted: what stood in the way says more
    if (!error.task_id && HeuristError.isInstance(error.cause)) return explainError(error.cause, context).message;
    const end = isCancelUnconfirmed ? '; the network did not confirm that it canceled it' : ' and was canceled';
    const warning = TaskTimeoutError.isInstance(error) ? error.warning : undefined;
    return `${nameOf(error.task_id)} did not finish within ${timeout} s${end}. ${warning ?? 'Allow more time with --timeout.'}`;
  },
  aborted: ({ task_id, job_id, cause }, { isCancelUnconfirmed }) => {
    // an upload or a download: the stop of the command says what it costs
    if (!task_id && !job_id && CommandError.isInstance(cause)) return cause.message;
    if (!task_id)
      return isCancelUnconfirmed === false
        ? 'Canceled before a task was submitted.'
        : 'Canceled while the task was being submitted: if it reached the network, it goes on there.';
    return isCancelUnconfirmed
      ? `Canceled here, but the network did not confirm it: task ${task_id} may go on.`
      : `Canceled. Task ${task_id} was canceled on the network.`;
  },
  input_unreachable: ({ task_id }, { inputs = [] }) =>
    inputs.length
      ? `${nameOf(task_id)} failed: the miner cannot fetch ${inputs.join(', ')}. Use a URL that the miner can reach, or a local file.`
      : undefined,
};

const spaced = (sentence: string | undefined) => (sentence ? ` ${sentence}` : '');

/** A proxy may be what fails. Its address is not shown: it may hold a password. */
function proxyAdvice(url = ''): string {
  const { protocol = '', hostname = '' } = URL.canParse(url) ? new URL(url) : {};
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const isUsed = process.env[name] || process.env[name.toLowerCase()];
  if (!isUsed || /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)) return '';
  return ` ${name} is set: requests go through that proxy, unless NO_PROXY names ${hostname}.`;
}

function nameOf(task_id: string | undefined): string {
  return task_id ? `Task ${task_id}` : 'The task';
}

/** The status of the reply, or what the operating system said, such as ECONNREFUSED, up to five errors down. */
function reasonOf(error: HeuristError): string {
  if (error.status) return ` (status ${error.status})`;
  let cause = error.cause as { code?: unknown; cause?: unknown } | undefined;
  for (let depth = 0; cause && depth < 5; depth++) {
    if (typeof cause.code === 'string') return ` (${cause.code})`;
    cause = cause.cause as typeof cause;
  }
  return '';
}
