import { isDeepStrictEqual } from 'node:util';

/** What takes and gives anything: the editor sees to it that types behind a match type fit. */
const ANY = ['*', 'COMFY_MATCHTYPE_V3'];

/**
 * Whether an output may be linked to an input. Unions share a type: `"IMAGE,MASK"` takes either. A list of choices matches itself,
 * and a combo takes each of them.
 */
export function typesMatch(received: unknown, wanted: unknown): boolean {
  if (isDeepStrictEqual(received, wanted)) return true;
  if (ANY.includes(received as string) || ANY.includes(wanted as string)) return true;
  if (Array.isArray(received) && wanted === 'COMBO') return true;
  if (typeof received !== 'string' || typeof wanted !== 'string') return false;
  const [given, taken] = [namesOf(received), namesOf(wanted)];
  return given.includes('*') || taken.includes('*') || given.some((type) => taken.includes(type));
}

const namesOf = (union: string) => union.split(',').map((type) => type.trim());
