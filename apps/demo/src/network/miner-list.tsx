import type { MinerStatus } from '@heurist/core';
import { Section } from './section.tsx';

/** The connected miners, and what each runs. */
export function MinerList({ miners }: { miners: readonly MinerStatus[] }) {
  return (
    <Section title="Miners">
      {!miners.length && <p>No miners are connected. Tasks wait until one connects.</p>}
      <ul className="panels">
        {miners.map(({ miner_id, is_busy, workflow_ids, models = [] }) => (
          <li key={miner_id} className="panel stack" style={{ '--gap': 'var(--space-2)' }}>
            <div className="row spread">
              <strong className="breaks">{miner_id}</strong>
              <span className="status" data-tone={is_busy ? 'busy' : undefined}>
                {is_busy ? 'busy' : 'idle'}
              </span>
            </div>
            <p className="row">
              <span className="muted small">Runs</span>
              {workflow_ids.map((id) => (
                <span key={id} className="tag">
                  {id}
                </span>
              ))}
            </p>
            {models.length > 0 && <p className="muted small breaks">Has in memory {models.join(', ')}</p>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
