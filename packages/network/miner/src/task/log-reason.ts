import { ComfyError } from '@heurist/comfyui';
import { HeuristError } from '@heurist/core';
import { printableLine } from '@heurist/core/protocol';
import { BROKEN, DISK, faultOf, MEMORY } from './task-error.ts';

/** What a log line about a failure may hold. */
const LONGEST = 500;

/**
 * Why a task failed, for the log and for spans of this miner. Neither holds what was asked for, and a message may quote it: that of a
 * node, of a parameter, of the address of an input, of JSON that cannot be read. The consumer gets the whole message.
 */
export function reasonOf(error: Error): string {
  return printableLine(describe(error), LONGEST);
}

function describe(error: Error): string {
  if (ComfyError.isInstance(error) && error.code === 'comfyui_execution_failed') return describeNode(error);
  if (HeuristError.isInstance(error) && faultOf(error) === 'task') return error.code;
  return withoutQuotes(error.message);
}

/** Its class, that of the exception, and the words that say what to do about the machine. */
function describeNode({ node_type = 'a node', exception_type = 'an error', message }: ComfyError): string {
  const known = [MEMORY, BROKEN, DISK].flatMap((words) => words.exec(message)?.[0] ?? []);
  return `${node_type} failed with ${[exception_type, ...known].join(': ')}`;
}

function withoutQuotes(message: string): string {
  return message.replaceAll(/"[^"]*("|$)|(?<!\w)'[^']*'|`[^`]*`/g, '"…"');
}
