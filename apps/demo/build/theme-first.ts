import type { Plugin } from 'vite';
import { THEME_SCRIPT } from '../shared/inline-scripts.ts';

/** Puts the script of the colours into the head, before any style. */
export const themeFirst = (): Plugin => ({
  name: 'theme-first',
  transformIndexHtml: () => [{ tag: 'script', children: THEME_SCRIPT, injectTo: 'head-prepend' }],
});
