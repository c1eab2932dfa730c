import { greedyConsumers } from './greedy-consumers.ts';
import { hostileMiners } from './hostile-miners.ts';
import { outsiders } from './outsiders.ts';
import type { Stranger } from './stranger.ts';

/** Everybody who harms. */
export const strangers: readonly Stranger[] = [...hostileMiners, ...greedyConsumers, ...outsiders];
