import { storage } from '../data/browser-stores.ts';

const KEY = 'heurist.theme';

/** Shows the page in the colours that were chosen before; otherwise those of the system. */
export function applyTheme(): void {
  const chosen = storage.getItem(KEY);
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
}

/** Changes between light and dark, and remembers it. */
export function switchTheme(): void {
  const { theme } = document.documentElement.dataset;
  const isDark = theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  storage.setItem(KEY, isDark ? 'light' : 'dark');
  applyTheme();
}
