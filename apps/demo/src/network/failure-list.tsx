import type { NetworkView } from '../../shared/api.ts';
import { Section } from './section.tsx';

/** Tasks that failed lately. */
export function FailureList({ failures }: { failures: NetworkView['recent_failures'] }) {
  return (
    <Section title="Recent failures">
      {!failures.length && <p className="muted">None in the last 24 hours.</p>}
      <ul className="panels">
        {failures.map(({ workflow_id, ended_at, error }, index) => (
          <li key={`${ended_at}/${index}`} className="panel">
            <p className="muted small">
              {workflow_id}, {new Date(ended_at).toLocaleString()}
            </p>
            <p className="breaks">{error.message}</p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
