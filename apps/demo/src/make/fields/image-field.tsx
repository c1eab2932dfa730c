import { type ChangeEvent, useId, useRef } from 'react';
import { PICTURE_TYPES } from '../../../shared/picture-rules.ts';
import { useUpload } from '../../data/uploads.ts';
import { addressOf } from '../../lib/file-value.ts';
import { nameOf } from '../../lib/picture-size.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import type { FileFieldProps } from './field-props.ts';
import { RecentPictures } from './recent-pictures.tsx';
import { useDroppedFiles } from './use-dropped-files.ts';

const ACCEPTED = Object.values(PICTURE_TYPES).join();

/** An image: chosen, dropped, pasted, or one that was made before. A file is uploaded at once. */
export function ImageField({
  value,
  onChange,
  error,
  label,
  description,
  rules,
  required,
  'data-option': option,
}: FileFieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const upload = useUpload(onChange);
  const take = (files: FileList | null) => {
    const [file] = files ?? [];
    if (file) upload.mutate({ content: file, name: file.name });
  };
  const choose = (next: FileFieldProps['value']) => {
    upload.reset();
    onChange(next);
  };
  const dropArea = useDroppedFiles({ onFiles: take, onOutput: choose });
  const onSelected = ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
    take(currentTarget.files);
    // choosing the same file again must fire, too
    currentTarget.value = '';
  };
  const kept = value && upload.error ? ` The picture before it, ${nameOf(value)}, is still chosen.` : '';
  const wrong = upload.error ? upload.error.message + kept : error;
  return (
    <Field id={id} label={label} hint={description} error={wrong} required={required}>
      <div {...dropArea}>
        {value && <img className="drop-picture" src={addressOf(value)} alt={nameOf(value)} />}
        <div className="stack" style={{ '--gap': 'var(--space-1)' }}>
          <div className="row">
            <Button
              size="compact"
              disabled={upload.isPending}
              onClick={() => input.current?.click()}
              aria-describedby={`${id}-file ${id}-rules${wrong ? ` ${id}-error` : ''}`}
              data-option={option}
            >
              {buttonText(upload.isPending, value !== undefined)}
            </Button>
            <RecentPictures onChoose={choose} />
            {value && (
              <Button look="quiet" size="compact" onClick={() => choose(undefined)}>
                Remove
              </Button>
            )}
          </div>
          <span className="field-hint" id={`${id}-file`}>
            {value ? nameOf(value) : 'or drop or paste one here'}
          </span>
          <span className="field-hint drop-rules" id={`${id}-rules`}>
            {rules}
          </span>
        </div>
        <input ref={input} id={id} type="file" accept={ACCEPTED} hidden onChange={onSelected} />
      </div>
    </Field>
  );
}

function buttonText(isUploading: boolean, isChosen: boolean): string {
  if (isUploading) return 'Uploading …';
  return isChosen ? 'Replace image' : 'Choose an image';
}
