import { THEME_KEY } from '../../shared/inline-scripts.ts';
import { storage } from '../data/browser-stores.ts';

/** Changes between light and dark, and remembers it: the HTML begins with these colours then. */
export function switchTheme(): void {
  const { dataset } = document.documentElement;
  const isDark = dataset.theme ? dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  dataset.theme = isDark ? 'light' : 'dark';
  storage.setItem(THEME_KEY, dataset.theme);
}
