import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { Router } from 'wouter';
import { App } from './app/app.tsx';

// a failed query is repeated by its interval: the network may be back at any moment
const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } });

/** The whole page. */
export function Root({ path }: { path?: string }) {
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
