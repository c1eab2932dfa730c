import { IconSparkles } from '@tabler/icons-react';
import { type FormEvent, useRef } from 'react';
import { useKey } from '../keys/use-key.ts';
import { Button, Key } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { EXAMPLES } from './examples.ts';
import type { useQuickRun } from './use-quick-run.ts';

/** A bar to type in, and prompts to press. */
export function PromptBar({ make, isBusy, reason }: ReturnType<typeof useQuickRun>) {
  const prompt = useRef<HTMLTextAreaElement>(null);
  function submit(event?: FormEvent) {
    event?.preventDefault();
    const text = prompt.current?.value.trim();
    if (!text) prompt.current?.focus();
    else if (!isBusy) make({ prompt: text });
  }
  useKey('make', submit);
  useKey('prompt', () => prompt.current?.focus());
  return (
    <form className="prompt-bar" onSubmit={submit} aria-label="New picture">
      <div className="prompt-box">
        <label className="hidden" htmlFor="prompt">
          Prompt
        </label>
        {/* not controlled: what is typed before the scripts have loaded stays */}
        <textarea ref={prompt} id="prompt" dir="auto" rows={2} placeholder="A rocket, a red fox, a sunflower …" />
        <Button type="submit" look="primary" size="large" aria-disabled={isBusy}>
          <IconSparkles size={18} />
          Generate
          <Key>Ctrl ⏎</Key>
        </Button>
      </div>
      <ul className="row examples" aria-label="Examples">
        {EXAMPLES.map((text) => (
          <li key={text}>
            <button
              type="button"
              className="chip"
              aria-disabled={isBusy}
              onClick={() => !isBusy && make({ prompt: text })}
            >
              {text}
            </button>
          </li>
        ))}
      </ul>
      <div role="alert">{reason && <Notice tone="warn">{reason}</Notice>}</div>
    </form>
  );
}
