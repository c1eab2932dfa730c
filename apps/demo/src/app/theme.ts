import { THEME_COOKIE, themeOf } from '../../shared/theme.ts';
import { storage } from '../data/browser-stores.ts';

const KEY = 'heurist.theme';

/** Shows the page in the colours that were chosen before; otherwise those of the system. */
export function applyTheme(): void {
  const chosen = themeOf(storage.getItem(KEY));
  if (!chosen) return;
  document.documentElement.dataset.theme = chosen;
  // biome-ignore lint/suspicious/noDocumentCookie: CookieStore is missing on pages that come over plain HTTP from another machine
  document.cookie = `${THEME_COOKIE}=${chosen}; path=/; max-age=31536000; samesite=lax`;
}

/** Changes between light and dark, and remembers it. */
export function switchTheme(): void {
  const { theme } = document.documentElement.dataset;
  const isDark = theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  storage.setItem(KEY, isDark ? 'light' : 'dark');
  applyTheme();
}
