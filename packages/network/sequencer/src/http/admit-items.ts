// Requests about many tasks or leases: how many they may name, and as how many calls they count.
import { HeuristError } from '@heurist/core';
import type { Identity } from '../access/keys/keys.ts';
import { limitsOf } from '../access/limits/caller-limits.ts';
import type { NetworkLimits } from '../access/limits/limits.ts';
import type { SequencerServices } from './services.ts';

/** What one request may name, and what is done with it. */
const VERBS = {
  queriedTasks: 'Ask for',
  streamedTasks: 'Ask for',
  submittedTasks: 'Submit',
  heartbeats: 'Send',
} as const;
type CountLimit = keyof typeof VERBS;

/** This many of a batch count as one call. */
const TASKS_PER_CALL = 10;

/**
 * Counts a request about many tasks or leases as the calls that it costs.
 *
 * @returns the limits of the caller
 * @throws {HeuristError} `invalid_request` for more tasks than it may name at once; `rate_limited`
 */
export function admitItems(
  services: SequencerServices,
  consumer: Identity,
  field: string,
  count: number,
  limit: Exclude<CountLimit, 'submittedTasks'>,
): NetworkLimits {
  const own = checkCount(services, consumer, field, count, limit);
  const calls = Math.ceil(count / TASKS_PER_CALL);
  // the request itself has been counted
  if (calls > 1) services.ownerCalls.count(consumer, calls - 1);
  return own;
}

/**
 * @returns the limits of the caller
 * @throws {HeuristError} `invalid_request` for more tasks than a request may name
 */
export function checkCount(
  { limits }: SequencerServices,
  consumer: Identity,
  field: string,
  count: number,
  limit: CountLimit,
): NetworkLimits {
  const { own } = limitsOf(consumer, limits);
  if (count > own[limit])
    throw new HeuristError(
      `Invalid request: \`${field}\` has ${count} items, more than the limit of ${own[limit]}. ${VERBS[limit]} them in parts.`,
      { code: 'invalid_request' },
    );
  return own;
}
