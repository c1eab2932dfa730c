import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { Router } from 'wouter';
import { App } from './app/app.tsx';

interface RootProps {
  queryClient: QueryClient;
  /** Of the HTML. */
  path: string;
}

/** The whole page. */
export function Root({ queryClient, path }: RootProps) {
  return (
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <Router ssrPath={path}>
          <App />
        </Router>
      </QueryClientProvider>
    </StrictMode>
  );
}
