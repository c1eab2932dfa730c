import { useState } from 'react';
import type { TaskState } from '../../shared/api.ts';
import { tracker } from '../data/tasks.ts';
import { useKey } from '../keys/use-key.ts';
import type { Size } from '../lib/picture-size.ts';
import { useNow } from '../lib/use-now.ts';
import { progressText } from '../task/progress-text.ts';
import { useCancel } from '../task-hooks/index.ts';
import { Button, Key } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { PictureFrame } from './picture-frame.tsx';

interface InProgressProps {
  created_at: number;
  state: TaskState;
  /** Whether the server does not answer: then what is known is old. */
  isCutOff: boolean;
}

/** A task in flight: place in the queue or progress, preview, Cancel. */
export function InProgress({ created_at, state, isCutOff }: InProgressProps) {
  const { cancel, isCanceling, error } = useCancel(tracker, state.task_id);
  useKey('cancel', cancel);
  const { progress, warning } = state;
  return (
    <>
      <div className="canvas">
        {progress?.preview ? (
          <Preview src={progress.preview} />
        ) : (
          <div className="waiting" data-running={state.status === 'running' || undefined} aria-hidden />
        )}
      </div>
      <div className="stage-foot stack" style={{ '--gap': 'var(--space-2)' }}>
        <progress className="bar" max={100} value={progress?.percent ?? 0} aria-label="Progress" />
        <div className="row spread">
          <span className="muted small">
            {isCutOff ? 'No connection. The task goes on meanwhile.' : <Text state={state} created_at={created_at} />}
          </span>
          <Button size="compact" aria-disabled={isCanceling} onClick={cancel}>
            Cancel <Key>Esc</Key>
          </Button>
        </div>
        {warning && <Notice tone="warn">{warning}</Notice>}
        {error !== undefined && <Notice tone="bad">{(error as Error).message}</Notice>}
      </div>
    </>
  );
}

function Text({ state, created_at }: Pick<InProgressProps, 'state' | 'created_at'>) {
  return progressText(state, useNow() - created_at);
}

function Preview({ src }: { src: string }) {
  const [size, setSize] = useState<Size>();
  return (
    <PictureFrame size={size}>
      <img
        src={src}
        alt="Preview"
        onLoad={({ currentTarget }) =>
          setSize({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })
        }
      />
    </PictureFrame>
  );
}
