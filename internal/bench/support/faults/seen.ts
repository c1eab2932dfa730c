import type { RecordedCall, TestTask } from '@heurist/test-kit';

/** What became of a call of a client. */
export interface Seen {
  end: 'resolved' | 'rejected' | 'waiting';
  value?: unknown;
  error?: unknown;
  /** Milliseconds until the end, from the abort if there is one. */
  ms: number;
  /** Whether its caller had to give up. */
  isLate: boolean;
  tasks: readonly TestTask[];
  calls: readonly RecordedCall[];
  uploads: number;
  /** Whether the key followed a redirect to another origin. */
  hasLeak: boolean;
}

/** What is wrong, in a few words. Nothing: the client has survived. */
export type Check = (seen: Seen) => string | undefined;

/** What two busy cores need, in milliseconds. */
const SLACK_MS = 1000;

const isNothing = (value: unknown) =>
  value === undefined || value === null || (value as { byteLength?: number }).byteLength === 0;

/** The job has ended well, and there is one. */
export const finishes: Check = ({ end, value, tasks, isLate }) => {
  if (tasks.length > 1) return `${tasks.length} jobs`;
  if (end === 'waiting' || isLate) return 'waits on';
  if (end === 'rejected') return 'fails';
  return isNothing(value) ? 'resolves without an output' : undefined;
};

/** As {@link finishes}, for several jobs at the same time. */
export function finishesEach(count: number): Check {
  return (seen) => finishes(seen.tasks.length === count ? { ...seen, tasks: seen.tasks.slice(0, 1) } : seen);
}

/**
 * As {@link finishes}, and the next attempt came when the server allowed it.
 *
 * @param retryAfter - seconds
 */
export function finishesAfter(retryAfter: number): Check {
  return (seen) => {
    const { calls } = seen;
    const hit = calls.find(({ fault }) => fault);
    const next = calls.find(({ name, at }) => hit && name === hit.name && at > hit.at);
    // a timer may fire some milliseconds early
    const isSoon = hit && next && next.at - hit.at < retryAfter * 1000 - 50;
    return finishes(seen) ?? (isSoon ? 'retries too soon' : undefined);
  };
}

/** The call was refused, and the caller knows why. */
export function rejects(why?: RegExp): Check {
  return ({ end, error }) => {
    if (end === 'waiting') return 'waits on';
    if (end === 'resolved') return 'resolves';
    return why && !why.test(textOf(error)) ? 'the error does not say why' : undefined;
  };
}

/** The job has ended well, or the call ended at the caller's limit. */
export function endsBy(limit: number): Check {
  return ({ end, value, ms, tasks }) => {
    if (end === 'waiting' || ms > limit + SLACK_MS) return 'waits on';
    if (tasks.length > 1) return `${tasks.length} jobs`;
    return end === 'resolved' && isNothing(value) ? 'resolves without an output' : undefined;
  };
}

/** The call was given up at the caller's limit, and the error names the job. */
export function givesUpBy(limit: number): Check {
  return ({ end, error, ms, tasks }) => {
    if (end === 'waiting' || ms > limit + SLACK_MS) return 'waits on';
    if (end === 'resolved') return 'resolves';
    return textOf(error).includes(tasks[0]?.task_id ?? '?') ? undefined : 'the error does not name the job';
  };
}

export const keepsKey: Check = ({ hasLeak, tasks }) => {
  if (hasLeak) return 'sends the key on';
  return tasks.length > 1 ? `${tasks.length} jobs` : undefined;
};

/** The file is there, or the caller knows that it is not. */
export const storesOrRejects: Check = ({ end, uploads }) => {
  if (end === 'waiting') return 'waits on';
  return end === 'resolved' && uploads === 0 ? 'resolves, and nothing is stored' : undefined;
};

/** The call was given up when its caller aborted it. */
export const rejectsAtOnce: Check = (seen) => rejects()(seen) ?? (seen.ms > SLACK_MS ? 'waits on' : undefined);

/** All bytes of a PNG arrived, or the caller knows that they did not. */
export const readsOrRejects: Check = ({ end, value }) => {
  if (end === 'waiting') return 'waits on';
  return end === 'resolved' && !Buffer.from(value as Uint8Array).includes('IEND')
    ? 'resolves with half a file'
    : undefined;
};

/** Everything that an error says, and its causes. */
function textOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { message, stack: _, cause, ...rest } = error as Error & Record<string, unknown>;
  const { name, status } = (rest.response ?? error) as { name?: string; status?: number };
  return [name, message, status, safeJson(rest), cause && textOf(cause)].join(' ');
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '';
  }
}
