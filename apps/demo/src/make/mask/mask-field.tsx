import { Button, Group, Input, Slider, Text } from '@mantine/core';
import { useRef, useState } from 'react';
import type { FileValue, OptionValue } from '../../../shared/api.ts';
import { useUpload } from '../../data/uploads.ts';
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
export default function MaskField({ image, value, onChange, error, 'data-option': option, ...text }: MaskFieldProps) {
  const upload = useUpload(onChange);
  const store = async (canvas: HTMLCanvasElement) =>
    upload.mutate({ content: await maskImage(canvas), name: 'mask.png' });
  return (
    <Input.Wrapper {...text} error={upload.error?.message ?? error}>
      {image ? (
        <>
          <MaskEditor image={image} option={option} onPainted={store} onCleared={() => onChange(undefined)} />
          <Text size="xs" c="dimmed" aria-live="polite">
            {statusText(upload.isPending, value !== undefined)}
          </Text>
        </>
      ) : (
        <Text size="sm" c="dimmed">
          Choose an image first, then paint the mask on it.
        </Text>
      )}
    </Input.Wrapper>
  );
}

function statusText(isSaving: boolean, isSaved: boolean): string {
  if (isSaving) return 'Saving the mask …';
  return isSaved ? 'Mask saved.' : 'The painted area will be regenerated.';
}

interface MaskEditorProps {
  image: FileValue;
  option: string | undefined;
  onPainted: (canvas: HTMLCanvasElement) => void;
  onCleared: () => void;
}

function MaskEditor({ image, option, onPainted, onCleared }: MaskEditorProps) {
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
      <MaskCanvas ref={canvas} image={image} brush={brush} onPainted={onPainted} data-option={option} />
      <Group mt="xs" gap="sm">
        <Slider
          flex={1}
          miw={100}
          value={brush}
          onChange={setBrush}
          min={2}
          max={50}
          label={null}
          thumbLabel="Brush size"
        />
        <Button size="xs" variant="default" onClick={fill}>
          Fill
        </Button>
        <Button size="xs" variant="default" onClick={clear}>
          Clear
        </Button>
      </Group>
    </>
  );
}
