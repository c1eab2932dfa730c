import { type DragEvent, useEffect, useEffectEvent, useState } from 'react';
import type { FileValue } from '../../../shared/api.ts';
import { readDragged } from '../../lib/dragged-output.ts';

interface DropTarget {
  onFiles: (files: FileList) => void;
  /** A result of this page was dropped. */
  onOutput?: (value: FileValue) => void;
  /** Text was pasted, and not into a field. */
  onText?: (text: string) => void;
}

/** Takes files and results that are dropped on an element, and files and text that are pasted anywhere on the page. */
export function useDroppedFiles({ onFiles, onOutput, onText }: DropTarget) {
  const [isOver, setOver] = useState(false);
  const onPaste = useEffectEvent((event: ClipboardEvent) => {
    const { files, text } = pastedIn(event);
    if (files?.length) onFiles(files);
    else if (text && onText) onText(text);
    else return;
    event.preventDefault();
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
      if (output) onOutput?.(output);
      else if (event.dataTransfer.files.length) onFiles(event.dataTransfer.files);
    },
    onDragOver(event: DragEvent) {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
  };
}

function pastedIn({ clipboardData, target }: ClipboardEvent) {
  const isInField = target instanceof Element && target.matches('input, textarea');
  return { files: clipboardData?.files, text: isInField ? undefined : clipboardData?.getData('text/plain') };
}
