import '@mantine/core/styles.css';
import './page.css';
import { Alert, createTheme, MantineProvider, NavLink } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const theme = createTheme({
  primaryColor: 'indigo',
  defaultRadius: 'md',
  respectReducedMotion: true,
  cursorType: 'pointer',
  // enough contrast on white for small text too
  primaryShade: { light: 7, dark: 8 },
  components: {
    Alert: Alert.extend({ styles: { title: { color: 'var(--mantine-color-text)' } } }),
    NavLink: NavLink.extend({
      styles: {
        label: { color: 'var(--mantine-color-text)' },
        description: { color: 'var(--mantine-color-text)', opacity: 1 },
      },
    }),
  },
});
// the network may come back at any moment: a look that failed is repeated by interval, not given up
const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } });

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <App />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
