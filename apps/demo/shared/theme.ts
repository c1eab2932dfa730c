/** Colours that a visitor can choose; without a choice, those of the system. */
export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Tells the server what was chosen: its own pages, such as the sign-in form, run no scripts. */
export const THEME_COOKIE = 'studio_theme';

/** What was chosen, as it was stored; `undefined` for anything else. */
export const themeOf = (stored: string | null | undefined): Theme | undefined =>
  THEMES.find((theme) => theme === stored);
