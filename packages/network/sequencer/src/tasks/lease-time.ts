/** A miner that has gone is noticed within this time, however long its task has run. */
const LONGEST_LEASE_SECONDS = 30;

/** Heartbeats in the time of one lease: two may be lost. */
const HEARTBEATS_PER_LEASE = 3;

/**
 * How long a lease is good from a heartbeat on. It grows with the run: what is lost with a miner is at most as much as it had done, and
 * a long run costs few heartbeats.
 *
 * @param runSeconds - for how long the attempt has run
 * @param shortest - the lease of a run that begins: `leaseSeconds` of the sequencer
 */
export function leaseSecondsAt(runSeconds: number, shortest: number): number {
  const longest = Math.max(shortest, LONGEST_LEASE_SECONDS);
  return Math.min(Math.max(runSeconds, shortest), longest);
}

/** When a miner sends the next heartbeat: the rest of the lease is for those that get lost. */
export function heartbeatSecondsAt(runSeconds: number, shortest: number): number {
  return leaseSecondsAt(runSeconds, shortest) / HEARTBEATS_PER_LEASE;
}
