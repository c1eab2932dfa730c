import { useEffect } from 'react';

/** Sets the browser's title. */
export function useTitle(page: string): void {
  useEffect(() => {
    document.title = page ? `${page} · Heurist Studio` : 'Heurist Studio';
  }, [page]);
}
