import { createHash } from 'node:crypto';

/**
 * Draws from a set, the same for the same seed and whatever the order of the set is.
 *
 * @param seed - any text
 * @param keyOf - tells members apart
 */
export function drawSample<T>(all: readonly T[], size: number, seed: string, keyOf: (member: T) => string): T[] {
  const rank = (member: T) =>
    createHash('sha256')
      .update(`${seed}\n${keyOf(member)}`)
      .digest('hex');
  return all
    .map((member) => ({ member, rank: rank(member) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, size)
    .map(({ member }) => member);
}
