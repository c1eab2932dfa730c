// Attempts count from 1 wherever people and code read them. Signed leases, the column heurist.artifact.attempt and
// pg-boss count retries, from 0: leases and rows outlive an upgrade, so their form stays.

/** The attempt that a stored retry count stands for. */
export function attemptOf(retryCount: number): number {
  return retryCount + 1;
}

/** How an attempt is stored. */
export function retryCountOf(attempt: number): number {
  return attempt - 1;
}
