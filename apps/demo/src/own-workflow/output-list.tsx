import { NO_CHOICES } from './choices.ts';
import type { Finding } from './finder.ts';
import { useChange } from './use-change.tsx';
import type { Change } from './use-own-workflow.ts';

interface OutputListProps {
  finding: Finding;
  onChange: Change;
}

/** The nodes whose results are kept. With other ones, the options are found anew. */
export function OutputList({ finding: { ends, plan, unused }, onChange }: OutputListProps) {
  const { change, problem } = useChange(onChange);
  const kinds = new Map(plan.outputs.map(({ node, makes }) => [node, makes]));
  const chosen = ends.filter(({ isChosen }) => isChosen).map(({ node }) => node);
  const toggle = (node: string, isOn: boolean) =>
    change({ ...NO_CHOICES, outputs: isOn ? [...chosen, node] : chosen.filter((one) => one !== node) });
  return (
    <>
      <fieldset className="stack" style={{ '--gap': 'var(--space-1)' }}>
        <legend className="hidden">Nodes whose results are kept</legend>
        {ends.map(({ node, class_type, isChosen }) => (
          <label key={node} className="row breaks">
            <input
              type="checkbox"
              checked={isChosen}
              // a workflow without an output makes nothing
              disabled={isChosen && chosen.length === 1}
              onChange={({ currentTarget }) => toggle(node, currentTarget.checked)}
            />
            <span>
              {class_type} <span className="muted">node {node}</span>
            </span>
            {kinds.has(node) && <span className="tag">{kinds.get(node)}</span>}
          </label>
        ))}
      </fieldset>
      {problem}
      {unused.length > 0 && (
        <p className="muted small breaks">Left out, because no output depends on them: {unused.join(', ')}.</p>
      )}
    </>
  );
}
