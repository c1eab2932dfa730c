import { Button, Group, Image, Input, Slider, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import type { FileValue, OptionValue } from '../shared/api.ts';
import { addressOf, api, UPLOAD } from './api.ts';

interface MaskFieldProps {
  label: string;
  description: string | undefined;
  error: string | undefined;
  required: boolean;
  picture: FileValue | undefined;
  value: OptionValue | undefined;
  onChange: (value: FileValue | undefined) => void;
  'data-option'?: string;
}

/** Seen on pictures of any colour. */
const PAINT = '#f0f';

interface Point {
  x: number;
  y: number;
}

const arrows: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** A mask, painted over the picture: with the pointer, or with arrow keys and space. */
export default function MaskField({
  picture,
  value,
  onChange,
  label,
  description,
  error,
  required,
  ...props
}: MaskFieldProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [brush, setBrush] = useState(15);
  const [size, setSize] = useState<{ width: number; height: number }>();
  const last = useRef<Point>(undefined);
  const [cursor, setCursor] = useState<Point>();
  const upload = useMutation({
    mutationKey: UPLOAD,
    mutationFn: async (bytes: Blob) => onChange({ ...(await api.upload(bytes)), name: 'mask.png' }),
  });

  if (!picture)
    return (
      <Input.Wrapper label={label} description={description} error={error} required={required}>
        <Text size="sm" c="dimmed">
          Choose the picture first: the mask is painted on it.
        </Text>
      </Input.Wrapper>
    );

  /** In pixels of the picture. */
  const brushWidth = size ? (brush / 100) * Math.max(size.width, size.height) : 1;

  function pointOf({ clientX, clientY }: PointerEvent): Point {
    const { left, top, width, height } = canvas.current!.getBoundingClientRect();
    return {
      x: ((clientX - left) / width) * canvas.current!.width,
      y: ((clientY - top) / height) * canvas.current!.height,
    };
  }

  function stroke(from: Point, to: Point) {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.strokeStyle = PAINT;
    context.lineCap = 'round';
    context.lineWidth = brushWidth;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }

  async function store() {
    const { width, height } = canvas.current!;
    const whole = new OffscreenCanvas(width, height);
    const context = whole.getContext('2d')!;
    context.drawImage(canvas.current!, 0, 0);
    // what was painted becomes white, the rest black
    context.globalCompositeOperation = 'source-in';
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = 'destination-over';
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    upload.mutate(await whole.convertToBlob({ type: 'image/png' }));
  }

  function fill(isAll: boolean) {
    const { width, height } = canvas.current!;
    const context = canvas.current!.getContext('2d')!;
    context.clearRect(0, 0, width, height);
    context.fillStyle = PAINT;
    if (isAll) context.fillRect(0, 0, width, height);
    if (isAll) void store();
    else onChange(undefined);
  }

  function onKeyDown(event: KeyboardEvent) {
    const { width, height } = canvas.current!;
    const here = cursor ?? { x: width / 2, y: height / 2 };
    const move = arrows[event.key];
    if (!move && event.key !== ' ') return;
    event.preventDefault();
    const step = brushWidth / 2;
    const next = move ? { x: here.x + move.x * step, y: here.y + move.y * step } : here;
    const bounded = { x: Math.min(width, Math.max(0, next.x)), y: Math.min(height, Math.max(0, next.y)) };
    setCursor(bounded);
    if (event.key === ' ' || event.shiftKey) {
      stroke(here, bounded);
      void store();
    }
  }

  return (
    <Input.Wrapper label={label} description={description} error={upload.error?.message ?? error} required={required}>
      <div className="mask">
        <Image
          src={addressOf(picture)}
          alt="The picture that the mask belongs to"
          onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => setSize({ width, height })}
        />
        {size && (
          // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the keys are the canvas's own, to paint with
          <canvas
            ref={canvas}
            {...size}
            {...props}
            tabIndex={0}
            role="application"
            aria-label="Mask. Paint with the pointer; or move by the arrow keys, and paint with space, or with shift and the arrow keys."
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              last.current = pointOf(event);
              stroke(last.current, last.current);
            }}
            onPointerMove={(event) => {
              if (!last.current) return;
              const next = pointOf(event);
              stroke(last.current, next);
              last.current = next;
            }}
            onPointerUp={() => {
              last.current = undefined;
              void store();
            }}
            onKeyDown={onKeyDown}
          />
        )}
        {cursor && size && (
          <span
            aria-hidden
            className="brush"
            style={{
              left: `${(100 * cursor.x) / size.width}%`,
              top: `${(100 * cursor.y) / size.height}%`,
              width: `${(100 * brushWidth) / size.width}%`,
            }}
          />
        )}
      </div>
      <Group mt="xs" gap="sm">
        <Slider
          flex={1}
          miw={100}
          value={brush}
          onChange={setBrush}
          min={2}
          max={50}
          label={null}
          thumbLabel="Brush width"
        />
        <Button size="xs" variant="default" onClick={() => fill(true)}>
          Everything
        </Button>
        <Button size="xs" variant="default" onClick={() => fill(false)}>
          Clear
        </Button>
      </Group>
      <Text size="xs" c="dimmed" aria-live="polite">
        {upload.isPending
          ? 'Storing the mask ...'
          : value
            ? 'The mask is stored.'
            : 'What is painted over is made anew.'}
      </Text>
    </Input.Wrapper>
  );
}
