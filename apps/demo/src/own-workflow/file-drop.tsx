import { type ChangeEvent, type FormEvent, useRef } from 'react';
import { Button } from '../ui/button.tsx';
import type { Source } from './read-source.ts';

interface FileDropProps {
  isReading: boolean;
  hasFile: boolean;
  onSource: (source: Source) => void;
}

/** Where a visitor brings a file: chosen, dropped anywhere on the page, or pasted. */
export function FileDrop({ isReading, hasFile, onSource }: FileDropProps) {
  const input = useRef<HTMLInputElement>(null);
  const text = useRef<HTMLTextAreaElement>(null);
  const onSelected = ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
    const [file] = currentTarget.files ?? [];
    if (file) onSource({ file });
    // choosing the same file again must fire, too
    currentTarget.value = '';
  };
  function readText(event: FormEvent) {
    event.preventDefault();
    const given = text.current?.value ?? '';
    if (given.trim()) onSource({ text: given });
    else text.current?.focus();
  }
  return (
    <div className="stack" style={{ '--gap': 'var(--space-3)' }}>
      <div className="drop own-drop">
        <Button
          look={hasFile ? 'default' : 'primary'}
          size={hasFile ? 'normal' : 'large'}
          disabled={isReading}
          aria-describedby="own-file-hint"
          onClick={() => input.current?.click()}
        >
          {isReading ? 'Reading …' : hasFile ? 'Choose another file' : 'Choose a file'}
        </Button>
        <span className="field-hint" id="own-file-hint">
          or drop or paste it on this page: what the ComfyUI editor saves, its “Export (API)”, or a picture, film or
          sound that ComfyUI made
        </span>
        <input ref={input} type="file" aria-label="Your workflow" hidden onChange={onSelected} />
      </div>
      <details className="more">
        <summary>Paste its text instead</summary>
        <form className="stack" style={{ '--gap': 'var(--space-2)' }} onSubmit={readText}>
          <label htmlFor="own-text">JSON of the workflow</label>
          <textarea ref={text} id="own-text" className="input own-text" rows={6} spellCheck={false} />
          <span>
            <Button type="submit" disabled={isReading}>
              Read it
            </Button>
          </span>
        </form>
      </details>
    </div>
  );
}
