import { useId, useRef, useState } from 'react';
import type { FileValue, OptionValue } from '../../../shared/api.ts';
import { useUpload } from '../../data/uploads.ts';
import { addressOf, isFile } from '../../lib/file-value.ts';
import { Button } from '../../ui/button.tsx';
import { Slider } from '../../ui/slider.tsx';
import type { FieldText } from '../fields/field-props.ts';
import { MaskCanvas } from './mask-canvas.tsx';
import { clearMask, fillMask, maskImage } from './mask-drawing.ts';

interface MaskFieldProps extends FieldText {
  /** What the mask is painted on. */
  image: FileValue | undefined;
  value: OptionValue | undefined;
  onChange: (value: FileValue | undefined) => void;
}

/** A mask, painted over the image. */
export function MaskField({
  image,
  value,
  onChange,
  error,
  label,
  description,
  'data-option': option,
}: MaskFieldProps) {
  const upload = useUpload(onChange);
  const store = async (canvas: HTMLCanvasElement) =>
    upload.mutate({ content: await maskImage(canvas), name: 'mask.png' });
  const wrong = upload.error?.message ?? error;
  return (
    <fieldset className="field">
      <legend className="field-label">{label}</legend>
      {description && <span className="field-hint">{description}</span>}
      {image ? (
        <>
          <MaskEditor
            image={image}
            saved={isFile(value) ? addressOf(value) : undefined}
            option={option}
            onPainted={store}
            onCleared={() => onChange(undefined)}
          />
          <span className="field-hint" aria-live="polite">
            {statusText(upload.isPending, value !== undefined)}
          </span>
        </>
      ) : (
        <span className="field-hint">Once there is an image, you paint the mask on it.</span>
      )}
      {wrong && (
        <span className="field-error" role="alert">
          {wrong}
        </span>
      )}
    </fieldset>
  );
}

function statusText(isSaving: boolean, isSaved: boolean): string {
  if (isSaving) return 'Saving the mask …';
  return isSaved ? 'Mask saved.' : 'Nothing painted yet.';
}

interface MaskEditorProps {
  image: FileValue;
  saved: string | undefined;
  option: string | undefined;
  onPainted: (canvas: HTMLCanvasElement) => void;
  onCleared: () => void;
}

function MaskEditor({ image, saved, option, onPainted, onCleared }: MaskEditorProps) {
  const id = useId();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [brush, setBrush] = useState(15);
  function fill() {
    if (!canvas.current) return;
    fillMask(canvas.current);
    onPainted(canvas.current);
  }
  function clear() {
    if (!canvas.current) return;
    clearMask(canvas.current);
    onCleared();
  }
  return (
    <>
      <MaskCanvas ref={canvas} image={image} saved={saved} brush={brush} onPainted={onPainted} data-option={option} />
      <div className="row mask-tools">
        <label htmlFor={id} className="small muted">
          Brush size
        </label>
        <Slider
          id={id}
          min={2}
          max={50}
          value={brush}
          onChange={({ currentTarget }) => setBrush(currentTarget.valueAsNumber)}
        />
        <Button size="compact" onClick={fill}>
          Fill
        </Button>
        <Button size="compact" onClick={clear}>
          Clear
        </Button>
      </div>
    </>
  );
}
