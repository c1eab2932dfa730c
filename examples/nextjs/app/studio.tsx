'use client';
import { HeuristError, type WorkflowTaskResult } from '@heurist/core';
import { useRef, useState } from 'react';
import { type Drawing, draw } from '../lib/draw.ts';
import { enlarge } from './actions.ts';

/** A form, the progress of the task with its preview, and the picture. */
export function Studio({ workflowURL }: { workflowURL: string }) {
  const [state, setState] = useState<WorkflowTaskResult>();
  const [drawing, setDrawing] = useState<Drawing>();
  const [large, setLarge] = useState<string>();
  const [sentence, setSentence] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const stop = useRef(new AbortController());

  async function work(step: () => Promise<void>) {
    setIsBusy(true);
    setSentence('');
    try {
      await step();
    } catch (error) {
      setSentence(explain(error));
    }
    setIsBusy(false);
    setState(undefined);
  }

  const drawIcon = (form: FormData) =>
    work(async () => {
      setDrawing(undefined);
      setLarge(undefined);
      stop.current = new AbortController();
      const options = { signal: stop.current.signal, onProgress: setState };
      setDrawing(await draw(String(form.get('prompt')), workflowURL, options));
    });

  const enlargeIcon = ({ task_id }: Drawing) =>
    work(async () => {
      const answer = await enlarge(task_id);
      if ('url' in answer) setLarge(answer.url);
      else setSentence(answer.sentence);
    });

  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void drawIcon(new FormData(event.currentTarget));
        }}
      >
        <label>
          Prompt <input name="prompt" defaultValue="a red apple" required />
        </label>{' '}
        <button type="submit" disabled={isBusy}>
          Draw
        </button>
      </form>
      {state && <Progress state={state} onCancel={() => stop.current.abort()} />}
      <p role="status">{sentence}</p>
      {drawing && <img src={large ?? drawing.url} alt="The icon" />}
      {drawing && !large && (
        <button type="button" disabled={isBusy} onClick={() => void enlargeIcon(drawing)}>
          Enlarge
        </button>
      )}
    </>
  );
}

function Progress({ state, onCancel }: { state: WorkflowTaskResult; onCancel: () => void }) {
  const { status, progress, queue_position, warning } = state;
  const ahead = queue_position === undefined ? '' : `, ${queue_position} tasks ahead`;
  return (
    <section aria-label="Progress">
      <p>
        {status === 'waiting' ? (warning ?? `Waiting${ahead}`) : `Drawing, ${Math.round(progress?.percent ?? 0)} %`}
      </p>
      <progress max={100} value={progress?.percent ?? 0} aria-label="Progress" />
      {progress?.preview && <img src={progress.preview} alt="Preview" />}
      <button type="button" onClick={onCancel}>
        Cancel
      </button>
    </section>
  );
}

function explain(error: unknown): string {
  if ((error as Error).name === 'AbortError') return 'Canceled.';
  return HeuristError.isInstance(error) ? error.message : 'This page cannot reach its server. Please try again.';
}
