import type { ReactNode } from 'react';

/** A part of the page, with its heading. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="stack" style={{ '--gap': 'var(--space-3)' }}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
