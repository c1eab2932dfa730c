import { Dialog } from '../ui/dialog.tsx';
import type { ProgramLanguage, ProgramStep } from './index.ts';
import { ProgramView } from './program-view.tsx';

interface ProgramDialogProps {
  title: string;
  steps: readonly ProgramStep[];
  /** The one that was copied. Default: TypeScript. */
  language?: ProgramLanguage | undefined;
  onClose: () => void;
}

/** A program, what it needs and how it is run, over the page. */
export default function ProgramDialog({ title, steps, language, onClose }: ProgramDialogProps) {
  return (
    <Dialog title={title} onClose={onClose} isWide>
      <ProgramView steps={steps} language={language} />
    </Dialog>
  );
}
