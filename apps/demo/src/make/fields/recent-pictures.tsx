import { useState } from 'react';
import { useTaskList } from '../../data/browser-stores.ts';
import type { TaskEntry } from '../../data/task-list.ts';
import type { OutputValue } from '../../lib/dragged-output.ts';
import { addressOf } from '../../lib/file-value.ts';
import { titleOf } from '../../task/task-title.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

const MOST = 24;

/** Chooses a picture that was made before: what dragging does, for the keyboard and for phones. */
export function RecentPictures({ onChoose }: { onChoose: (value: OutputValue) => void }) {
  const [isOpen, setOpen] = useState(false);
  const pictures = useTaskList().filter(({ end }) => end?.kind === 'image');
  if (!pictures.length) return null;
  return (
    <>
      <Button size="compact" onClick={() => setOpen(true)}>
        From your results
      </Button>
      {isOpen && (
        <Dialog title="Choose one of your results" onClose={() => setOpen(false)}>
          <div className="picker">
            {pictures.slice(0, MOST).map((entry) => (
              <PictureChoice
                key={entry.task_id}
                entry={entry}
                onChoose={(value) => {
                  setOpen(false);
                  onChoose(value);
                }}
              />
            ))}
          </div>
        </Dialog>
      )}
    </>
  );
}

function PictureChoice({ entry, onChoose }: { entry: TaskEntry; onChoose: (value: OutputValue) => void }) {
  const value = outputOf(entry);
  return (
    <button type="button" className="thumb" aria-label={titleOf(entry)} onClick={() => onChoose(value)}>
      <img src={addressOf(value)} alt="" loading="lazy" />
    </button>
  );
}

/** The first output of a task of this browser. */
export function outputOf({ task_id, end }: TaskEntry): OutputValue {
  return { task_id, output: 0, width: end?.width, height: end?.height };
}
