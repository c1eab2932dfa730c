import { IconLayoutGrid } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import type { FamilyInfo } from '../../shared/api.ts';
import { useKey } from '../keys/use-key.ts';
import { useIsHydrated } from '../lib/use-is-hydrated.ts';
import { Button } from '../ui/button.tsx';
import { EmptyStage } from './empty-stage.tsx';
import { Filmstrip } from './filmstrip.tsx';
import { GroupView } from './group-view.tsx';
import { select, step, takeFresh, useShown } from './selection.ts';
import { TaskView } from './task-view.tsx';

/** What was made, large; and everything that was made before, small. */
export function Stage({ catalogue, family }: { catalogue: FamilyInfo[]; family: FamilyInfo }) {
  const shown = useShown();
  const { items, item, entry } = shown;
  useKey('previous', () => step(shown, 1));
  useKey('next', () => step(shown, -1));
  const area = useShowWhenChosen(entry?.task_id ?? item?.key);
  const isHydrated = useIsHydrated();
  if (!item) return isHydrated && <EmptyStage family={family} />;
  return (
    <div ref={area} className="stage-area">
      {entry ? (
        <TaskView
          key={entry.task_id}
          task_id={entry.task_id}
          catalogue={catalogue}
          heading={(title) => (
            <>
              {item.entries.length > 1 && (
                <Button size="compact" onClick={() => select(entry.task_id)}>
                  <IconLayoutGrid size={14} /> All {item.entries.length}
                </Button>
              )}
              <Link to={`/tasks/${entry.task_id}`}>{title}</Link>
            </>
          )}
        />
      ) : (
        <GroupView key={item.key} entries={item.entries} />
      )}
      <Filmstrip items={items} shown={item} />
    </div>
  );
}

/** On a phone the stage is below the form: what was just made or chosen must be in sight. */
function useShowWhenChosen(shown: string | undefined) {
  const area = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (shown !== undefined && takeFresh()) area.current?.scrollIntoView({ block: 'start' });
  }, [shown]);
  return area;
}
