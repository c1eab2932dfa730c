import { useQuery } from '@tanstack/react-query';
import { api } from './api.ts';

const NETWORK_MS = 5000;

/** Every workflow package, and what its tasks accept. */
export function useCatalogue() {
  return useQuery({
    queryKey: ['catalogue'],
    queryFn: api.catalogue,
    staleTime: Number.POSITIVE_INFINITY,
    // only until it has arrived
    refetchInterval: ({ state }) => (state.data ? false : NETWORK_MS),
  });
}

/** Who uses the page, and what it may ask for. */
export function useVisitor() {
  return useQuery({
    queryKey: ['visitor'],
    queryFn: api.visitor,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) => (state.data ? false : NETWORK_MS),
  });
}

/** What the network can do right now. */
export function useNetwork() {
  return useQuery({ queryKey: ['network'], queryFn: api.network, refetchInterval: NETWORK_MS });
}
