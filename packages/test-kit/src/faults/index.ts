import { gatewayFaults, refusalFaults, stateFaults } from './answers.ts';
import { batchFaults } from './batches.ts';
import type { CallName, Fault } from './fault.ts';
import { networkFaults } from './network.ts';
import { fileFaults, streamFaults } from './streams.ts';

/** Every fault, by kind, as `docs/faults.md` lists them. */
export const faultGroups = {
  'The network fails': networkFaults,
  'Something in between answers': gatewayFaults,
  'The sequencer says no': refusalFaults,
  'The state of a task is wrong': stateFaults,
  'Many tasks are asked for at once': batchFaults,
  'The event stream breaks': streamFaults,
  'A file does not arrive': fileFaults,
};

const all = {
  ...networkFaults,
  ...gatewayFaults,
  ...refusalFaults,
  ...stateFaults,
  ...batchFaults,
  ...streamFaults,
  ...fileFaults,
};

/** Name of a fault: see `docs/faults.md`. */
export type FaultName = keyof typeof all;

/** Every fault, by its name. */
export const faults: Readonly<Record<FaultName, Fault>> = all;

/** The names of all faults, for table tests: `test.each(FAULT_NAMES)`. */
export const FAULT_NAMES = Object.keys(faults) as readonly FaultName[];

/** When and how often a fault happens. */
export interface InjectOptions {
  /** Calls that it hits. Default: those that `docs/faults.md` names. */
  on?: CallName | readonly CallName[] | undefined;
  /** How many calls it hits. Default: all, until it is stopped. `refused` has no calls: use `lasts`. */
  times?: number | undefined;
  /** Milliseconds until it stops by itself, by `sequencer.clock`. Default: never. */
  lasts?: number | undefined;
  /** How many milliseconds `slow` adds. Default 5000. */
  delay?: number | undefined;
  /** Seconds in the `Retry-After` of `full`, `status-429` and `status-503`. Default 1. */
  retryAfter?: number | undefined;
}
