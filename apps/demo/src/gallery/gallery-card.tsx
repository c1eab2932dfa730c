import { IconDots, IconDownload, IconRefresh, IconTrash } from '@tabler/icons-react';
import { memo } from 'react';
import { Link } from 'wouter';
import type { FamilyInfo } from '../../shared/api.ts';
import { taskList } from '../data/browser-stores.ts';
import type { TaskEntry } from '../data/task-list.ts';
import { useTask } from '../data/tasks.ts';
import { draggable } from '../lib/dragged-output.ts';
import { addressOf } from '../lib/file-value.ts';
import { outputOf } from '../make/fields/recent-pictures.tsx';
import { FrameContent } from '../stage/filmstrip.tsx';
import { useRun } from '../stage/use-run.ts';
import { StatusBadge } from '../task/status-badge.tsx';
import { summaryOf, titleOf } from '../task/task-title.ts';
import { Menu, type MenuItem } from '../ui/menu.tsx';

interface GalleryCardProps {
  entry: TaskEntry;
  catalogue: FamilyInfo[];
}

/** A task of the gallery. How it ended is remembered, so that scrolling asks the network for nothing but pictures. */
export const GalleryCard = memo(function GalleryCard({ entry, catalogue }: GalleryCardProps) {
  const family = catalogue.find(({ name }) => name === entry.family);
  const title = titleOf(entry, family?.title);
  return (
    <article className="card" aria-label={title} data-task={entry.task_id}>
      <Link
        to={`/tasks/${entry.task_id}`}
        className="card-picture"
        aria-label={`Open: ${title}`}
        {...(entry.end?.kind === 'image' && draggable(outputOf(entry)))}
      >
        <FrameContent entry={entry} />
      </Link>
      <div className="card-text">
        <p className="card-title" dir="auto">
          {title}
        </p>
        {entry.end ? <EndText entry={entry} /> : <OpenStatus task_id={entry.task_id} />}
      </div>
      <CardMenu entry={entry} />
    </article>
  );
});

function EndText({ entry }: { entry: TaskEntry }) {
  const { status } = entry.end!;
  if (status === 'finished') return <p className="muted card-facts">{summaryOf(entry)}</p>;
  if (status === 'gone') return <p className="muted card-facts">No longer on the network</p>;
  return <StatusBadge status={status} />;
}

function OpenStatus({ task_id }: { task_id: string }) {
  const { state } = useTask(task_id);
  return <StatusBadge status={state?.status} />;
}

function CardMenu({ entry }: { entry: TaskEntry }) {
  const { open } = useRun();
  const { task_id, end } = entry;
  const again: MenuItem = { label: 'Again with these settings', Icon: IconRefresh, onSelect: () => open(entry) };
  const file: MenuItem[] = end?.kind
    ? [{ label: 'Download', Icon: IconDownload, href: `${addressOf(outputOf(entry))}?download` }]
    : [];
  const remove: MenuItem = { label: 'Remove', Icon: IconTrash, onSelect: () => taskList.remove(task_id) };
  return (
    <div className="card-menu">
      <Menu label="More actions" isIcon size="compact" groups={[[again, ...file], [remove]]}>
        <IconDots size={16} />
      </Menu>
    </div>
  );
}
