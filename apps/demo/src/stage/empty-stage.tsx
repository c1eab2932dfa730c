import type { FamilyInfo } from '../../shared/api.ts';
import { EXAMPLES } from '../home/examples.ts';
import { useQuickRun } from '../home/use-quick-run.ts';

/** The stage before anything was made. */
export function EmptyStage({ family }: { family: FamilyInfo }) {
  return (
    <section className="stage-area" aria-label="Result">
      <div className="stage empty">
        <p>Your results will appear here.</p>
        {family.name === 'text2image' && <Examples />}
      </div>
    </section>
  );
}

function Examples() {
  const { make, isBusy } = useQuickRun();
  return (
    <>
      <p className="muted small">Press one to begin:</p>
      <ul className="row examples" aria-label="Examples">
        {EXAMPLES.map((prompt) => (
          <li key={prompt}>
            <button type="button" className="chip" aria-disabled={isBusy} onClick={() => !isBusy && make({ prompt })}>
              {prompt}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
