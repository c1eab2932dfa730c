import type { ReactNode } from 'react';

/** What a reader must know before going on. */
export function Notice({ tone, title, children }: { tone?: 'bad' | 'warn'; title?: string; children: ReactNode }) {
  return (
    <div className="notice" data-tone={tone}>
      {title && <strong>{title}</strong>}
      <div>{children}</div>
    </div>
  );
}
