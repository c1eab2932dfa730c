import type { HeuristError } from './errors.ts';

/** Shorter ones are no keys of a network, and could be a part of any word. */
const SHORTEST_KEY = 6;
const HIDDEN = '[key]';
/** Fields of replies that say something to people. */
const SPOKEN = ['error', 'warning', 'msg', 'message'];

/** A text without a key that a server echoed, also as it stands in an address. */
function hideKey(text: string, key: string | undefined): string {
  if (!key || key.length < SHORTEST_KEY) return text;
  return text.replaceAll(key, HIDDEN).replaceAll(encodeURIComponent(key), HIDDEN);
}

/** The same for an error, in place. */
export function withoutKey(error: HeuristError, key: string | undefined): HeuristError {
  error.message = hideKey(error.message, key);
  return error;
}

/** The same for what a reply says. */
export function hideKeyIn(said: unknown, key: string | undefined): void {
  if (typeof said !== 'object' || said === null) return;
  const reply = said as Record<string, unknown>;
  for (const name of SPOKEN) {
    const text = JSON.stringify(reply[name]);
    const hidden = text && hideKey(text, key);
    if (hidden !== text) reply[name] = JSON.parse(hidden as string);
  }
}
