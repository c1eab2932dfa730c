import { Button, Group, Image, Input, Paper, Text } from '@mantine/core';
import { type ChangeEvent, useId, useRef } from 'react';
import type { FileValue } from '../../../shared/api.ts';
import { useUpload } from '../../data/uploads.ts';
import { addressOf } from '../../lib/file-value.ts';
import type { FileFieldProps } from './field-props.ts';
import { useDroppedFiles } from './use-dropped-files.ts';

/** An image: chosen, dropped or pasted. It is uploaded at once. */
export function ImageField({ value, onChange, error, 'data-option': option, ...common }: FileFieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const upload = useUpload(onChange);
  const take = (files: FileList | null) => {
    const [file] = files ?? [];
    if (file) upload.mutate({ content: file, name: file.name });
  };
  const dropArea = useDroppedFiles(take);
  const onSelected = ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
    take(currentTarget.files);
    // choosing the same file again must fire, too
    currentTarget.value = '';
  };
  return (
    <Input.Wrapper id={id} {...common} error={upload.error?.message ?? error}>
      <Paper withBorder p="sm" mt={4} {...dropArea}>
        <Group wrap="nowrap">
          {value && <Image src={addressOf(value)} alt={nameOf(value)} w={96} h={96} fit="contain" radius="sm" />}
          <ImageButtons
            value={value}
            hintId={`${id}-hint`}
            option={option}
            isUploading={upload.isPending}
            onChoose={() => input.current?.click()}
            onRemove={() => onChange(undefined)}
          />
        </Group>
        <input ref={input} id={id} type="file" accept="image/*" hidden onChange={onSelected} />
      </Paper>
    </Input.Wrapper>
  );
}

interface ImageButtonsProps {
  value: FileValue | undefined;
  hintId: string;
  option: string | undefined;
  isUploading: boolean;
  onChoose: () => void;
  onRemove: () => void;
}

function ImageButtons({ value, hintId, option, isUploading, onChoose, onRemove }: ImageButtonsProps) {
  return (
    <div>
      <Group gap="xs">
        <Button
          variant="default"
          size="xs"
          loading={isUploading}
          onClick={onChoose}
          aria-describedby={hintId}
          data-option={option}
        >
          {value ? 'Replace image' : 'Choose an image'}
        </Button>
        {value && (
          <Button variant="subtle" size="xs" onClick={onRemove}>
            Remove
          </Button>
        )}
      </Group>
      <Text size="xs" c="dimmed" mt={6} id={hintId}>
        {value ? nameOf(value) : 'or drop or paste one here'}
      </Text>
    </div>
  );
}

const nameOf = (value: FileValue) => ('name' in value ? value.name : 'output of an earlier task');
