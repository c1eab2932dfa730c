import type { Heurist } from '@heurist/core';
import type { Visitors } from './visitor.ts';

/** A page of one machine: whoever reaches it uses the server's key. */
export function everybody(heurist: Heurist): Visitors {
  return { signsIn: false, find: async () => ({ heurist }) };
}
