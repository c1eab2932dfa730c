import type { WorkflowStatus } from '@heurist/core';
import { duration } from '../lib/words.ts';

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** How often tasks found their models in memory, how often models were loaded, and what that cost. */
export function describeModels({ warm, cold, switches, load_ms }: NonNullable<WorkflowStatus['models']>): string {
  const share = warm + cold ? `${Math.round((100 * warm) / (warm + cold))} % of ${count(warm + cold, 'task')}` : '';
  const each = load_ms === undefined ? '' : ` of ${duration(load_ms)}`;
  return [share, switches ? `${count(switches, 'load')}${each}` : ''].filter(Boolean).join(', ');
}
