import type { Clock } from '@heurist/server-kit/clock';

/** How long calls count together. */
export const WINDOW_MS = 60_000;
/** How long news gather: ten notifications a second at most, even while many callers attack. */
const COALESCE_MS = 100;
/** Postgres accepts 8000 bytes in one message; news of one caller have about 45. */
const MAX_NEWS = 140;
/** What waits to be sent at most. More than that comes only from a flood, which every replica sees by itself. */
const MAX_WAITING = 5000;
/** The longest name of an address, a network or an owner has 24 characters, that of a session 36. */
const MAX_NAME = 64;

/** What is counted: what an address does without a valid key, and what an owner does with its keys, and a session. */
const KINDS = ['failed', 'keyless', 'consumer', 'miner', 'session'] as const;
export type CallKind = (typeof KINDS)[number];

/** What a replica has counted of a caller since a minute began. */
export interface CallNews {
  /** An address, an owner or a session. */
  caller: string;
  call: CallKind;
  count: number;
  /** How long ago the minute began. */
  ageMs: number;
}

/** The same on the channel, where space is dear. */
type Row = [call: CallKind, caller: string, count: number, ageMs: number];

/** Returns a list with `undefined` for each entry of unknown form: anybody who may use the database can write there. */
export function readCallNews(rows: unknown): (CallNews | undefined)[] {
  if (rows === undefined) return [];
  return Array.isArray(rows) ? rows.map(readRow) : [undefined];
}

function readRow(row: unknown): CallNews | undefined {
  const [call, caller, count, ageMs] = Array.isArray(row) ? row : [];
  const isCall = KINDS.includes(call);
  const isCaller = typeof caller === 'string' && caller.length <= MAX_NAME;
  const isNumber = Number.isSafeInteger(count) && count >= 0 && ageMs >= 0 && ageMs <= WINDOW_MS;
  return isCall && isCaller && isNumber ? { call, caller, count, ageMs } : undefined;
}

/** Gathers news and sends the latest of each caller together. */
export function createNewsOutbox(send: (rows: Row[]) => void, clock: Clock) {
  const waiting = new Map<string, Row>();
  let timer: AbortController | undefined;

  function flush(): void {
    const next = [...waiting].slice(0, MAX_NEWS);
    for (const [name] of next) waiting.delete(name);
    send(next.map(([, row]) => row));
    timer = undefined;
    if (waiting.size) schedule();
  }
  function schedule(): void {
    const current = new AbortController();
    timer = current;
    void clock.sleep(COALESCE_MS, current.signal).then(() => !current.signal.aborted && flush());
  }
  return {
    add({ caller, call, count, ageMs }: CallNews): void {
      if (waiting.size >= MAX_WAITING) return;
      waiting.set(`${call} ${caller}`, [call, caller, count, Math.min(Math.round(ageMs), WINDOW_MS)]);
      if (!timer) schedule();
    },
    stop(): void {
      timer?.abort();
      waiting.clear();
    },
  };
}
