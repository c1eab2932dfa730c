import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { FamilyInfo } from '../../shared/api.ts';
import type { TaskEntry } from '../data/task-list.ts';
import { useRoom } from '../stage/use-room.ts';
import { GalleryCard } from './gallery-card.tsx';

const LEAST_WIDTH = 168;
const GAP = 16;
/** Of the text under a picture. */
const CAPTION = 62;

/** Cards in rows. Only those near the screen are in the page, however many there are. */
export function GalleryGrid({ entries, catalogue }: { entries: readonly TaskEntry[]; catalogue: FamilyInfo[] }) {
  const grid = useRef<HTMLDivElement>(null);
  const width = useRoom(grid)?.width ?? 0;
  const columns = Math.max(1, Math.floor((width + GAP) / (LEAST_WIDTH + GAP)));
  const side = Math.floor((width - GAP * (columns - 1)) / columns);
  return (
    <div ref={grid}>
      {width > 0 && (
        // another width is another layout: rows that were measured for the one before are forgotten
        <Rows
          key={`${columns}/${side}`}
          rows={inRows(entries, columns)}
          columns={columns}
          height={side + CAPTION + GAP}
          top={grid.current?.offsetTop ?? 0}
          catalogue={catalogue}
        />
      )}
    </div>
  );
}

function inRows(entries: readonly TaskEntry[], columns: number): (readonly TaskEntry[])[] {
  const count = Math.ceil(entries.length / columns);
  return Array.from({ length: count }, (_, row) => entries.slice(row * columns, (row + 1) * columns));
}

interface RowsProps {
  rows: readonly (readonly TaskEntry[])[];
  columns: number;
  height: number;
  /** Where the first row begins on the page. */
  top: number;
  catalogue: FamilyInfo[];
}

function Rows({ rows, columns, height, top, catalogue }: RowsProps) {
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    overscan: 3,
    scrollMargin: top,
  });
  return (
    <div className="gallery" style={{ height: virtualizer.getTotalSize() }}>
      {virtualizer.getVirtualItems().map(({ index, start }) => (
        <div
          key={index}
          className="gallery-row"
          style={{ '--columns': columns, transform: `translateY(${start - top}px)` }}
        >
          {rows[index]!.map((entry) => (
            <GalleryCard key={entry.task_id} entry={entry} catalogue={catalogue} />
          ))}
        </div>
      ))}
    </div>
  );
}
