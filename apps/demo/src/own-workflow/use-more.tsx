import { type ReactNode, useState } from 'react';
import { Button } from '../ui/button.tsx';

/** How much of a list is shown at once: a graph may have thousands of each. */
const PAGE = 100;

/** The first of a list, and a button for more of them. */
export function useMore<T>(all: readonly T[]): { shown: readonly T[]; more: ReactNode } {
  const [count, setCount] = useState(PAGE);
  const left = all.length - count;
  return {
    shown: all.slice(0, count),
    more: left > 0 && (
      <div>
        <Button size="compact" onClick={() => setCount(count + PAGE)}>
          Show {Math.min(PAGE, left)} more of {left.toLocaleString('en')}
        </Button>
      </div>
    ),
  };
}
