import { IconX } from '@tabler/icons-react';
import { useLocation } from 'wouter';
import type { TaskState } from '../../shared/api.ts';
import { useTaskList } from '../data/browser-stores.ts';
import { useCatalogue } from '../data/queries.ts';
import type { TaskEntry } from '../data/task-list.ts';
import { tracker } from '../data/tasks.ts';
import { useNow } from '../lib/use-now.ts';
import { select } from '../stage/selection.ts';
import { progressText } from '../task/progress-text.ts';
import { titleOf } from '../task/task-title.ts';
import { type TaskSnapshot, useCancel, useTasks } from '../task-hooks/index.ts';

/** Every task that has not ended, on every page, in sight. It is also what waits for them. */
export function QueueStrip() {
  const { data: catalogue = [] } = useCatalogue();
  // those that were sent first run first
  const open = useTaskList()
    .filter(({ end }) => !end)
    .toReversed();
  const snapshots = useTasks(
    tracker,
    open.map(({ task_id }) => task_id),
  );
  if (!open.length) return null;
  return (
    <section className="queue" aria-label="Queue">
      <ul>
        {open.map((entry, index) => (
          <QueuedTask
            key={entry.task_id}
            entry={entry}
            title={titleOf(entry, catalogue.find(({ name }) => name === entry.family)?.title)}
            snapshot={snapshots[index]!}
          />
        ))}
      </ul>
    </section>
  );
}

interface QueuedTaskProps {
  entry: TaskEntry;
  title: string;
  snapshot: TaskSnapshot<TaskState>;
}

function QueuedTask({ entry, title, snapshot: { state, error } }: QueuedTaskProps) {
  const [, navigate] = useLocation();
  const { cancel, isCanceling } = useCancel(tracker, entry.task_id);
  const show = () => {
    select(entry.task_id);
    navigate(`/make/${entry.family}`);
  };
  return (
    <li className="queued" data-task={entry.task_id}>
      <button type="button" className="queued-open" onClick={show}>
        {state?.progress?.preview ? (
          <img src={state.progress.preview} alt="" />
        ) : (
          <span className="queued-dot" data-running={state?.status === 'running' || undefined} aria-hidden />
        )}
        <span className="queued-text">
          <span className="queued-title">{title}</span>
          <span className="muted">{error === undefined ? <Text entry={entry} state={state} /> : 'No connection'}</span>
        </span>
      </button>
      <button
        type="button"
        className="button quiet icon compact"
        aria-label={`Cancel: ${title}`}
        aria-disabled={isCanceling}
        onClick={cancel}
      >
        <IconX size={14} />
      </button>
      <progress className="bar" max={100} value={state?.progress?.percent ?? 0} aria-hidden />
    </li>
  );
}

function Text({ entry, state }: { entry: TaskEntry; state: TaskState | undefined }) {
  const now = useNow();
  return state ? progressText(state, now - entry.created_at) : 'Sent';
}
