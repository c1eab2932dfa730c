import { Button, Group, Image, Input, Paper, Text } from '@mantine/core';
import { useWindowEvent } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { type DragEvent, useId, useRef, useState } from 'react';
import type { FileValue } from '../shared/api.ts';
import { addressOf, api, UPLOAD } from './api.ts';

interface ImageFieldProps {
  label: string;
  description: string | undefined;
  error: string | undefined;
  required: boolean;
  value: FileValue | undefined;
  onChange: (value: FileValue | undefined) => void;
  'data-option'?: string;
}

/** A picture: chosen, dropped or pasted. It is stored on the network at once. */
export function ImageField({ label, description, error, required, value, onChange, ...props }: ImageFieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const upload = useMutation({
    mutationKey: UPLOAD,
    mutationFn: async (file: File) => onChange({ ...(await api.upload(file)), name: file.name }),
  });
  const take = (files: FileList | null | undefined) => {
    const [file] = files ?? [];
    if (file) upload.mutate(file);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  // wherever the focus is: a picture has no other place to go
  useWindowEvent('paste', (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    take(event.clipboardData.files);
  });

  return (
    <Input.Wrapper
      id={id}
      label={label}
      description={description}
      error={upload.error?.message ?? error}
      required={required}
    >
      <Paper
        withBorder
        p="sm"
        mt={4}
        className="drop"
        data-over={isOver || undefined}
        onDrop={onDrop}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
      >
        <Group wrap="nowrap">
          {value && <Image src={addressOf(value)} alt={nameOf(value)} w={96} h={96} fit="contain" radius="sm" />}
          <div>
            <Group gap="xs">
              <Button
                variant="default"
                size="xs"
                loading={upload.isPending}
                onClick={() => input.current?.click()}
                aria-describedby={`${id}-hint`}
                {...props}
              >
                {value ? 'Another picture' : 'Choose a picture'}
              </Button>
              {value && (
                <Button variant="subtle" size="xs" onClick={() => onChange(undefined)}>
                  Remove
                </Button>
              )}
            </Group>
            <Text size="xs" c="dimmed" mt={6} id={`${id}-hint`}>
              {value ? nameOf(value) : 'or drop or paste one here'}
            </Text>
          </div>
        </Group>
        <input
          ref={input}
          id={id}
          type="file"
          accept="image/*"
          hidden
          onChange={({ currentTarget }) => {
            take(currentTarget.files);
            // the same file again is a change, too
            currentTarget.value = '';
          }}
        />
      </Paper>
    </Input.Wrapper>
  );
}

const nameOf = (value: FileValue) => ('name' in value ? value.name : 'a picture made before');
