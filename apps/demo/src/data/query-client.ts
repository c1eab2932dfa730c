import { QueryClient } from '@tanstack/react-query';
import type { FamilyInfo } from '../../shared/api.ts';
import { catalogueQuery } from './queries.ts';

/** @param catalogue - if it is known already */
export function createQueryClient(catalogue?: FamilyInfo[]): QueryClient {
  // a failed query is repeated by its interval: the network may be back at any moment
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } });
  if (catalogue) client.setQueryData(catalogueQuery.queryKey, catalogue);
  return client;
}
