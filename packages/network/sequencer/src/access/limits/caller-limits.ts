import { describeLimits, type LimitValues, type NetworkLimits, withLimits } from './limits.ts';

/**
 * What an operator has set for a caller. The one rule for owners and keys: what all keys of an owner share is bounded by the
 * owner's limit. If none is set, the strictest among its keys bounds all of them, where a key that sets none has the network's:
 * so another key lifts nothing. A limit of a key moreover bounds this key alone.
 */
export interface SetLimits {
  /** For all keys of the owner together. */
  shared: LimitValues;
  /** For this key alone. */
  own: LimitValues;
}

/** What applies to a caller for which nothing was set. */
export const NOTHING_SET: SetLimits = { shared: {}, own: {} };

/**
 * What all keys of an owner share, as far as the owner or a key sets it.
 *
 * @param keys - what each of its keys sets
 * @param network - every limit of the network
 */
export function sharedLimits(owner: LimitValues, keys: readonly LimitValues[], network: LimitValues): LimitValues {
  const names = new Set(keys.flatMap(Object.keys));
  const strictest = [...names].map((name) => [
    name,
    Math.min(...keys.map((values) => values[name] ?? network[name] ?? Infinity)),
  ]);
  return { ...Object.fromEntries(strictest), ...owner };
}

/** The limits that apply to a caller. */
export interface CallerLimits {
  /** For all keys of its owner together. */
  shared: NetworkLimits;
  /** For its key: never more than what is shared. */
  own: NetworkLimits;
}

export function limitsOf({ limits: { shared, own } }: { limits: SetLimits }, network: NetworkLimits): CallerLimits {
  const all = withLimits(network, shared);
  const named = Object.keys(own).length ? describeLimits(all) : {};
  const narrower = Object.entries(own).filter(([name, value]) => value < (named[name] ?? 0));
  return { shared: all, own: withLimits(all, Object.fromEntries(narrower)) };
}

/** The limit that applies to a key, and whose it is. */
export interface EffectiveLimit {
  value: number;
  from: 'key' | 'owner' | 'other_key' | 'network';
}

/** The limits of a key, as far as it, its owner, or another key of its owner sets them. */
export function effectiveLimits(
  own: LimitValues,
  owner: LimitValues,
  keys: readonly LimitValues[],
  network: LimitValues,
): Record<string, EffectiveLimit> {
  const shared = sharedLimits(owner, keys, network);
  return Object.fromEntries(
    Object.entries(shared).map(([name, value]): [string, EffectiveLimit] => {
      const mine = own[name];
      if (mine !== undefined && mine <= value) return [name, { value: mine, from: 'key' }];
      if (name in owner) return [name, { value, from: 'owner' }];
      return [name, { value, from: value === network[name] ? 'network' : 'other_key' }];
    }),
  );
}
