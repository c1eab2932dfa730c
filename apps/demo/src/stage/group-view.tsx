import type { TaskEntry } from '../data/task-list.ts';
import { useTask } from '../data/tasks.ts';
import { draggable } from '../lib/dragged-output.ts';
import { outputOf } from '../make/fields/recent-pictures.tsx';
import { titleOf } from '../task/task-title.ts';
import { select } from './selection.ts';

/** Tasks of one press, side by side: to choose one. */
export function GroupView({ entries }: { entries: readonly TaskEntry[] }) {
  const title = titleOf(entries[0]!);
  const ordered = entries.toReversed();
  return (
    <article className="stage" aria-label={`${title}: variations`}>
      <header className="stage-head">
        <h2 className="stage-title">{title}</h2>
        <span className="muted small">{entries.length} variations</span>
      </header>
      <div className="variations">
        {ordered.map((entry, index) => (
          <Variation key={entry.task_id} entry={entry} name={`Variation ${index + 1}`} />
        ))}
      </div>
      <p className="stage-foot muted small">Open one to go on with it.</p>
    </article>
  );
}

function Variation({ entry, name }: { entry: TaskEntry; name: string }) {
  const { state, isGone } = useTask(entry.task_id);
  const made = state?.outputs?.[0];
  const status = isGone ? 'gone' : (state?.status ?? 'waiting');
  const preview = state?.progress?.preview;
  const shown = made ? `seed ${entry.options.seed}` : status;
  return (
    <button
      type="button"
      className="variation"
      aria-label={`${name}: ${shown}`}
      onClick={() => select(entry.task_id, true)}
      {...(made && draggable(outputOf(entry)))}
    >
      {made?.kind === 'image' && <img src={made.url} alt="" />}
      {!made && preview && <img src={preview} alt="" />}
      {!made && <progress className="bar" max={100} value={state?.progress?.percent ?? 0} aria-hidden />}
      <span className="variation-seed">{shown}</span>
    </button>
  );
}
