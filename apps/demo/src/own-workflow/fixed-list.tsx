import { Button } from '../ui/button.tsx';
import { isNameable, withInput } from './choices.ts';
import { useChange } from './use-change.tsx';
import { useMore } from './use-more.tsx';
import type { Change, Work } from './use-own-workflow.ts';

interface FixedListProps {
  work: Work;
  onChange: Change;
}

/** The inputs that keep the graph's value; each may become an option. */
export function FixedList({ work: { finder, finding, choices }, onChange }: FixedListProps) {
  const { change, problem } = useChange(onChange);
  const { fixed } = finding.plan;
  const { shown, more } = useMore(fixed);
  if (!fixed.length) return <p>Nothing: every input is an option.</p>;
  return (
    <details className="more">
      <summary>
        {fixed.length === 1 ? 'One input keeps' : `${fixed.length.toLocaleString('en')} inputs keep`} the graph’s value
      </summary>
      <ul className="fixed">
        {shown.map(({ node, class_type, input, value }) => {
          const place = `${node}.${input}`;
          return (
            <li key={place} className="row spread">
              <span className="breaks">
                <strong>{finder.shownName(input)}</strong>{' '}
                <span className="muted">
                  of {finder.shownName(class_type)}, node {finder.shownName(node)}:
                </span>{' '}
                <bdi>{finder.shownValue(value)}</bdi>
              </span>
              {isNameable(place) && (
                <Button
                  look="quiet"
                  size="compact"
                  aria-label={`Make it an option: ${finder.shownName(place)}`}
                  onClick={() => change(withInput(choices, place))}
                >
                  Make it an option
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {problem}
      {more}
    </details>
  );
}
