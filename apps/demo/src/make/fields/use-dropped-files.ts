import { type DragEvent, useEffect, useEffectEvent, useState } from 'react';
import type { FileValue } from '../../../shared/api.ts';
import { readDragged } from '../../lib/dragged-output.ts';

interface DropTarget {
  onFiles: (files: FileList) => void;
  /** A result of this page was dropped. */
  onOutput: (value: FileValue) => void;
}

/** Takes files and results that are dropped on an element, and files that are pasted anywhere on the page. */
export function useDroppedFiles({ onFiles, onOutput }: DropTarget) {
  const [isOver, setOver] = useState(false);
  const onPaste = useEffectEvent((event: ClipboardEvent) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    onFiles(event.clipboardData.files);
  });
  // wherever the focus is: an image can go nowhere else
  useEffect(() => {
    const listen = (event: ClipboardEvent) => onPaste(event);
    addEventListener('paste', listen);
    return () => removeEventListener('paste', listen);
  }, []);
  return {
    className: 'drop',
    'data-over': isOver || undefined,
    onDrop(event: DragEvent) {
      event.preventDefault();
      setOver(false);
      const output = readDragged(event.dataTransfer);
      if (output) onOutput(output);
      else if (event.dataTransfer.files.length) onFiles(event.dataTransfer.files);
    },
    onDragOver(event: DragEvent) {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
  };
}
