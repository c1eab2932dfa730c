import { IconAlertTriangle, IconBan, IconHourglass, IconMusic, IconVideo } from '@tabler/icons-react';
import { Link } from 'wouter';
import type { TaskEntry } from '../data/task-list.ts';
import { draggable } from '../lib/dragged-output.ts';
import { addressOf } from '../lib/file-value.ts';
import { outputOf } from '../make/fields/recent-pictures.tsx';
import { titleOf } from '../task/task-title.ts';
import { select } from './selection.ts';
import type { StripItem } from './strip-items.ts';

const MOST = 40;

/** What was made, the newest first. */
export function Filmstrip({ items, shown }: { items: readonly StripItem[]; shown: StripItem }) {
  return (
    <section className="filmstrip" aria-label="Recent">
      <ul>
        {items.slice(0, MOST).map((item) => (
          <li key={item.key}>
            <Frame item={item} isShown={item.key === shown.key} />
          </li>
        ))}
        {items.length > MOST && (
          <li>
            <Link to="/gallery" className="thumb">
              All
            </Link>
          </li>
        )}
      </ul>
    </section>
  );
}

function Frame({ item: { entries }, isShown }: { item: StripItem; isShown: boolean }) {
  const [first] = entries as [TaskEntry];
  const isGroup = entries.length > 1;
  const isPicture = first.end?.kind === 'image';
  return (
    <button
      type="button"
      className="thumb"
      data-group={isGroup || undefined}
      aria-label={isGroup ? `Show ${entries.length} variations: ${titleOf(first)}` : `Show: ${titleOf(first)}`}
      aria-current={isShown || undefined}
      onClick={() => select(first.task_id)}
      {...(isPicture && !isGroup && draggable(outputOf(first)))}
    >
      {entries.slice(0, isGroup ? 4 : 1).map((entry) => (
        <FrameContent key={entry.task_id} entry={entry} />
      ))}
    </button>
  );
}

const icons: Record<string, typeof IconBan> = {
  video: IconVideo,
  audio: IconMusic,
  failed: IconAlertTriangle,
  gone: IconAlertTriangle,
  canceled: IconBan,
};

/** A task as small as a thumb. */
export function FrameContent({ entry }: { entry: TaskEntry }) {
  const { kind, status } = entry.end ?? {};
  if (kind === 'image') return <img src={addressOf(outputOf(entry))} alt="" loading="lazy" {...sizeOf(entry)} />;
  const Icon = icons[kind ?? status ?? ''] ?? IconHourglass;
  return <Icon size={18} aria-hidden />;
}

const sizeOf = ({ end }: TaskEntry) => (end?.width ? { width: end.width, height: end.height } : {});
