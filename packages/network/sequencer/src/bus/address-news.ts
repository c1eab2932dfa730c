import type { Clock } from '@heurist/server-kit/clock';

/** How long calls of an address count together. */
export const WINDOW_MS = 60_000;
/** How long news gather: ten notifications a second at most, even while many addresses attack. */
const COALESCE_MS = 100;
/** Postgres accepts 8000 bytes in one message; news of one address have about 45. */
const MAX_NEWS = 140;
/** What waits to be sent at most. More than that comes only from a flood, which every replica sees by itself. */
const MAX_WAITING = 5000;
/** The longest name of an address or a network has 24 characters. */
const MAX_NAME = 64;

/** What an address does without a valid key. */
export type AddressCall = 'failed' | 'keyless';

/** What a replica has counted of an address since a minute began. */
export interface AddressNews {
  address: string;
  call: AddressCall;
  count: number;
  /** How long ago the minute began. */
  ageMs: number;
}

/** The same on the channel, where space is dear. */
type Row = [call: AddressCall, address: string, count: number, ageMs: number];

/** Returns a list with `undefined` for each entry of unknown form: anybody who may use the database can write there. */
export function readAddressNews(rows: unknown): (AddressNews | undefined)[] {
  if (rows === undefined) return [];
  return Array.isArray(rows) ? rows.map(readRow) : [undefined];
}

function readRow(row: unknown): AddressNews | undefined {
  const [call, address, count, ageMs] = Array.isArray(row) ? row : [];
  const isCall = call === 'failed' || call === 'keyless';
  const isAddress = typeof address === 'string' && address.length <= MAX_NAME;
  const isNumber = Number.isSafeInteger(count) && count >= 0 && ageMs >= 0 && ageMs <= WINDOW_MS;
  return isCall && isAddress && isNumber ? { call, address, count, ageMs } : undefined;
}

/** Gathers news and sends the latest of each address together. */
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
    add({ address, call, count, ageMs }: AddressNews): void {
      if (waiting.size >= MAX_WAITING) return;
      waiting.set(`${call} ${address}`, [call, address, count, Math.min(Math.round(ageMs), WINDOW_MS)]);
      if (!timer) schedule();
    },
    stop(): void {
      timer?.abort();
      waiting.clear();
    },
  };
}
