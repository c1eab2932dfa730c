import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { Router } from 'wouter';
import { App } from './app/app.tsx';

interface RootProps {
  queryClient: QueryClient;
  /** Outside of a browser. */
  path?: string;
}

/** The whole page. */
export function Root({ queryClient, path }: RootProps) {
  return (
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <Router {...(path !== undefined && { ssrPath: path })}>
          <App />
        </Router>
      </QueryClientProvider>
    </StrictMode>
  );
}
