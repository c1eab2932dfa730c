import { queryOptions, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useIsHydrated } from '../lib/use-is-hydrated.ts';
import { api } from './api.ts';

const NETWORK_MS = 5000;

export const catalogueQuery = queryOptions({
  queryKey: ['catalogue'],
  queryFn: api.catalogue,
  staleTime: Number.POSITIVE_INFINITY,
  // only until it has arrived
  refetchInterval: ({ state }) => (state.data ? false : NETWORK_MS),
});

/** Every workflow package, and what its tasks accept. */
export const useCatalogue = () => useQuery(catalogueQuery);

/** Who uses the page, and what it may ask for. */
export function useVisitor() {
  const query = useQuery({
    queryKey: ['visitor'],
    queryFn: api.visitor,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) => (state.data ? false : NETWORK_MS),
  });
  return useOnceHydrated(query);
}

/** What the network can do right now. */
export function useNetwork() {
  return useOnceHydrated(useQuery({ queryKey: ['network'], queryFn: api.network, refetchInterval: NETWORK_MS }));
}

type Answer<T> = Pick<UseQueryResult<T>, 'data' | 'error' | 'isPending'>;
const NONE = { data: undefined, error: null, isPending: true };

/** A part of the page may be taken over after another has asked, and got its answer. */
const useOnceHydrated = <T>(query: UseQueryResult<T>): Answer<T> => (useIsHydrated() ? query : NONE);
