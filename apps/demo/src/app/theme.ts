import { Alert, createTheme, NavLink } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'indigo',
  defaultRadius: 'md',
  respectReducedMotion: true,
  cursorType: 'pointer',
  // enough contrast on white for small text too
  primaryShade: { light: 7, dark: 8 },
  components: {
    Alert: Alert.extend({
      styles: {
        title: { color: 'var(--mantine-color-text)' },
        // long file names must not leave a phone's screen
        message: { overflowWrap: 'anywhere' },
      },
    }),
    NavLink: NavLink.extend({
      styles: {
        label: { color: 'var(--mantine-color-text)' },
        description: { color: 'var(--mantine-color-text)', opacity: 1 },
      },
    }),
  },
});
