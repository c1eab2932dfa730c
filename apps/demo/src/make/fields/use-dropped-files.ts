import { useWindowEvent } from '@mantine/hooks';
import { type DragEvent, useState } from 'react';

/** Takes files that are dropped on an element or pasted anywhere on the page. */
export function useDroppedFiles(onFiles: (files: FileList) => void) {
  const [isOver, setOver] = useState(false);
  // wherever the focus is: an image can go nowhere else
  useWindowEvent('paste', (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    onFiles(event.clipboardData.files);
  });
  return {
    className: 'drop',
    'data-over': isOver || undefined,
    onDrop(event: DragEvent) {
      event.preventDefault();
      setOver(false);
      onFiles(event.dataTransfer.files);
    },
    onDragOver(event: DragEvent) {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
  };
}
