import { IconX } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { Button } from './button.tsx';

interface DialogProps {
  title: string;
  onClose: () => void;
  /** For code. */
  isWide?: boolean;
  children: ReactNode;
}

/** A window over the page, as long as it is rendered. Escape closes it, and the focus returns to where it was. */
export function Dialog({ title, onClose, isWide, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} className={isWide ? 'dialog wide' : 'dialog'} aria-label={title} onClose={onClose}>
      <div className="stack">
        <div className="row spread">
          <h2>{title}</h2>
          <Button look="quiet" isIcon aria-label="Close" onClick={() => dialog.current?.close()}>
            <IconX size={18} />
          </Button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
