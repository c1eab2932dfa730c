import { callFaults } from './calls.ts';
import { databaseFaults } from './database-connections.ts';
import { diskFaults } from './disks.ts';
import type { Fault } from './fault.ts';
import { killMiner, killReplica } from './kill.ts';
import { secondContainer } from './second-container.ts';

/** Everything that is broken on purpose. */
export const FAULTS: readonly Fault[] = [
  killMiner,
  killReplica,
  ...callFaults,
  ...databaseFaults,
  ...diskFaults,
  secondContainer,
];
