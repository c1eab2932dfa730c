import { createHash } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import type { Identity } from '../keys/keys.ts';
import { limitsOf } from '../limits/caller-limits.ts';
import type { NetworkLimits } from '../limits/limits.ts';
import { CallCounts } from './call-counts.ts';

interface OwnerCallsOptions {
  limits: NetworkLimits;
  clock?: Clock;
  /** Shared with other replicas. Default: there are none. */
  counts?: CallCounts;
}

/** How many calls an owner makes with its keys. Operators are not counted: they may have to look when others flood. */
export class OwnerCalls {
  readonly #limits: NetworkLimits;
  readonly #counts: CallCounts;

  constructor({ limits, clock = systemClock, counts = new CallCounts({ clock }) }: OwnerCallsOptions) {
    this.#limits = limits;
    this.#counts = counts;
  }

  /**
   * Counts a call, or one that costs as much as several.
   *
   * @throws {HeuristError} `rate_limited` for an owner that has made too many within a minute
   */
  count(caller: Pick<Identity, 'role' | 'owner' | 'limits' | 'session'>, calls = 1): void {
    const { role, owner, session } = caller;
    if (role === 'operator') return;
    const { shared, own } = limitsOf(caller, this.#limits);
    if (session) this.#countSession(session.session_id, own.sessionCallsPerMinute, calls);
    const most = shared.callsPerMinute;
    const name = shorten(owner);
    if (this.#counts.isFull(name, role, most))
      throw new HeuristError(
        `${owner} has made ${most} calls within a minute, the limit of all its keys together. Ask less often (events instead of polls, longer waits), or ask the operator for more.`,
        { code: 'rate_limited', isRetryable: true },
      );
    this.#counts.record(name, role, most, calls);
  }

  /** First, so that a page that floods takes only its own part of what its owner may do. */
  #countSession(session_id: string, most: number, calls: number): void {
    if (this.#counts.isFull(session_id, 'session', most))
      throw new HeuristError(`This session has made ${most} calls within a minute, its limit. Ask less often.`, {
        code: 'rate_limited',
        isRetryable: true,
      });
    this.#counts.record(session_id, 'session', most, calls);
  }
}

/** A name of the length that others can be told of: longer owners by a part of their hash. */
function shorten(owner: string): string {
  return owner.length <= 24 ? owner : createHash('sha256').update(owner).digest('base64url').slice(0, 24);
}
