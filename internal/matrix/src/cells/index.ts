import type { Cell } from '../cell.ts';
import { clients } from './clients.ts';
import { compilers } from './compilers.ts';
import { contract } from './contract.ts';
import { next } from './next.ts';
import { pages } from './pages.ts';
import { reactNative } from './react-native.ts';
import { servers } from './servers.ts';
import { workers } from './workers.ts';

/** Every cell, in the order of the page. */
export const cells: readonly Cell[] = [
  ...clients,
  ...workers,
  ...next,
  ...servers,
  ...pages,
  ...reactNative,
  ...compilers,
  ...contract,
];
