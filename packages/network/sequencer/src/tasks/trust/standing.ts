/** How a miner does in one workflow. Times are in milliseconds since 1970, by the database's clock. */
export interface Standing {
  /** What counts against it: 2 for each failure, less 1 for each task that it has finished since. */
  doubt: number;
  /** How much of that is proven: another miner has finished the task. */
  proven: number;
  /** How often it was put aside. Each pause is twice as long as the one before. */
  pauses: number;
  /** Tasks that it has finished since its last pause: how far it has come back. */
  finished: number;
  /** When it last failed; 0 if never. */
  failedAt: number;
  /** Until when it is put aside, or was for the last time; 0 if never. */
  pausedUntil: number;
}

/**
 * What became of a task that a miner had: it failed there (`failed`) or was finished (`finished`); another miner finished it
 * after that (`disproved`), or failed too, so that the task was at fault (`excused`).
 */
export type Verdict = 'failed' | 'finished' | 'disproved' | 'excused';

const FAILURE = 2;
/** From here on a miner is suspected, and put aside as soon as one failure is proven: five in a row, or more than a third. */
const LIMIT = 10;
/** More than this is not counted: whoever does well again comes back soon. */
const MOST = 20;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 30 * 60_000;
/** Failures without a verdict count for this long. */
const PENDING_MS = 10 * 60_000;
/** After this time without a failure all is forgotten. */
const FORGET_MS = 24 * 3600_000;
/** Tasks that a miner has to finish after a pause until it may run as many as before: 1, 2, 4, 8, 16 at a time. */
const COMEBACK = 5;
/** Tasks after which pauses are forgotten. */
const MADE_GOOD = 100;

const BLANK: Standing = { doubt: 0, proven: 0, pauses: 0, finished: 0, failedAt: 0, pausedUntil: 0 };

const isPaused = ({ pausedUntil }: Standing, now: number) => now < pausedUntil;
const isComingBack = ({ pauses, finished }: Standing) => pauses > 0 && finished < COMEBACK;

/** Doubt that still counts. */
function currentDoubt({ doubt, failedAt }: Standing, now: number): number {
  return now - failedAt < PENDING_MS ? doubt : 0;
}

/**
 * How much the others are doubted that run the same workflow: the median. If all of them fail, the workflow is at fault, and
 * nobody is put aside for it.
 */
export function peersDoubt(peers: readonly (Standing | undefined)[], now: number): number {
  if (!peers.length) return MOST;
  const doubts = peers.map((peer) => (peer ? (isPaused(peer, now) ? MOST : currentDoubt(peer, now)) : 0));
  return doubts.toSorted((a, b) => a - b)[Math.floor((doubts.length - 1) / 2)]!;
}

/**
 * The standing of a miner after a verdict.
 *
 * @param peers - how much the others are doubted: {@link peersDoubt}
 */
export function judge(before: Standing | undefined, verdict: Verdict, peers: number, now: number): Standing {
  const next = apply(refresh(before ?? BLANK, now), verdict, now);
  const limit = isComingBack(next) ? FAILURE : LIMIT;
  const isBad = next.proven >= FAILURE && next.doubt - peers >= limit;
  if (!isBad || isPaused(next, now) || verdict === 'finished' || verdict === 'excused') return next;
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** next.pauses, LONGEST_PAUSE_MS);
  return { ...BLANK, pauses: next.pauses + 1, failedAt: next.failedAt, pausedUntil: now + pauseMs };
}

/** Without what is forgotten. */
function refresh(standing: Standing, now: number): Standing {
  const { failedAt, pausedUntil } = standing;
  if (now - Math.max(failedAt, pausedUntil) > FORGET_MS) return BLANK;
  return now - failedAt > PENDING_MS ? { ...standing, doubt: 0, proven: 0 } : standing;
}

function apply(standing: Standing, verdict: Verdict, now: number): Standing {
  const { doubt, proven } = standing;
  switch (verdict) {
    case 'failed':
      return { ...standing, doubt: Math.min(doubt + FAILURE, MOST), failedAt: now };
    case 'disproved':
      return { ...standing, proven: Math.min(proven + FAILURE, doubt) };
    case 'excused': {
      const left = Math.max(0, doubt - FAILURE);
      return { ...standing, doubt: left, proven: Math.min(proven, left) };
    }
    case 'finished':
      return {
        ...standing,
        doubt: Math.max(0, doubt - 1),
        proven: Math.max(0, proven - 1),
        ...comeBack(standing, now),
      };
  }
}

/** One task further. Those that it had claimed before a pause do not count. */
function comeBack({ pauses, finished, ...standing }: Standing, now: number): Pick<Standing, 'pauses' | 'finished'> {
  if (now < standing.pausedUntil) return { pauses, finished };
  return { pauses: finished + 1 < MADE_GOOD ? pauses : 0, finished: finished + 1 };
}

/**
 * How many tasks of the workflow a miner may run at the same time: none during a pause, a few after it, and one while it is
 * suspected. A failure that waits for its verdict takes one place.
 *
 * @param peers - how much the others are doubted: {@link peersDoubt}
 */
export function allowanceOf(standing: Standing | undefined, peers: number, now: number): number {
  if (!standing) return Number.POSITIVE_INFINITY;
  if (isPaused(standing, now)) return 0;
  const doubt = currentDoubt(standing, now);
  if (isComingBack(standing)) return Math.max(0, 2 ** standing.finished - Math.ceil(doubt / FAILURE));
  return doubt - peers >= LIMIT ? 1 : Number.POSITIVE_INFINITY;
}

/** A miner that is connected and offers the workflow. */
export interface Candidate {
  miner_id: string;
  standing: Standing | undefined;
}

/**
 * How many tasks each of the miners may run that offer a workflow. If none of them may run any, the least bad one gets the
 * work: a network with bad miners only is better than one without.
 */
export function shareWork(candidates: readonly Candidate[], now: number): Map<string, number> {
  const shares = new Map(
    candidates.map((candidate) => {
      const others = candidates.filter((other) => other !== candidate).map(({ standing }) => standing);
      return [candidate.miner_id, allowanceOf(candidate.standing, peersDoubt(others, now), now)];
    }),
  );
  const [leastBad] = candidates.toSorted(compareBad);
  if (leastBad && [...shares.values()].every((share) => share === 0))
    shares.set(leastBad.miner_id, Number.POSITIVE_INFINITY);
  return shares;
}

function compareBad(a: Candidate, b: Candidate): number {
  const [first, second] = [a.standing ?? BLANK, b.standing ?? BLANK];
  return (
    first.pauses - second.pauses ||
    first.pausedUntil - second.pausedUntil ||
    first.doubt - second.doubt ||
    (a.miner_id < b.miner_id ? -1 : 1)
  );
}
