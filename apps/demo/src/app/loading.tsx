import { IconArrowLeft, IconCode } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';

/** What a page looks like until what it shows has arrived. Of pages with an id in their path it is all that the HTML has: nothing of it moves. */
export function Loading() {
  const [path] = useLocation();
  if (path.startsWith('/tasks/')) return <LoadingTask />;
  if (path.startsWith('/chains/')) return <LoadingChain />;
  return <Room className="page skeleton tall" />;
}

const Room = ({ className, children }: { className: string; children?: ReactNode }) => (
  <div className={className} role="status" aria-label="Loading">
    {children}
  </div>
);

const LoadingTask = () => (
  <Room className="task-page">
    <div className="stage">
      <div className="stage-head">
        <div className="stage-title">
          <h1>Task</h1>
        </div>
      </div>
      <div className="canvas" />
      <div className="stage-foot" />
    </div>
    <div className="task-side" />
  </Room>
);

const LoadingChain = () => (
  <Room className="page chain stack">
    <div className="stack" style={{ '--gap': 'var(--space-2)' }}>
      <Link to="/chains" className="chain-back">
        <IconArrowLeft size={16} /> All chains
      </Link>
      <div className="chain-head">
        <input className="chain-name" aria-label="Name" value="Chain" disabled />
        <span className="button muted">
          <IconCode size={16} />
          Copy program
        </span>
        <span className="button icon" />
      </div>
    </div>
    <div className="prompt-box">
      <textarea rows={2} aria-label="Prompt" disabled />
      <span className="button large" />
    </div>
    <p className="small">&nbsp;</p>
    <ul className="chain-steps">
      <li>
        <span className="step-card">
          <span className="step-picture" />
        </span>
      </li>
    </ul>
  </Room>
);
