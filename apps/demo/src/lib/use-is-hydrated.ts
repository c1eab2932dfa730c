import { useSyncExternalStore } from 'react';

const never = () => () => {};

/**
 * Whether React has taken over what the HTML shows. Until then a component must show the same, which was made without a network and a
 * browser: so nothing is empty, and nothing has been answered.
 */
export const useIsHydrated = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
