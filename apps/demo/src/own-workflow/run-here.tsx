import type { ReactNode } from 'react';
import { useNetwork } from '../data/queries.ts';
import { reasonAgainstRaw } from './against-raw.ts';

/** Why the page runs no file of a visitor, and where it can be run. */
export function RunHere({ command }: { command: ReactNode }) {
  const { data: network } = useNetwork();
  return (
    <>
      <p>{reasonAgainstRaw(network)} Once your package is on a network, its tasks run like all others.</p>
      {command}
    </>
  );
}
