import { ActionIcon, NumberInput } from '@mantine/core';
import { IconDice5 } from '@tabler/icons-react';
import type { FieldProps } from './field-props.ts';

/** A seed. Left empty, each task gets a random one. */
export function SeedField({ value, onChange, ...common }: FieldProps) {
  return (
    <NumberInput
      {...common}
      value={typeof value === 'number' ? value : ''}
      placeholder="random"
      min={0}
      max={Number.MAX_SAFE_INTEGER}
      allowDecimal={false}
      hideControls
      onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
      rightSection={
        <ActionIcon
          variant="subtle"
          aria-label="Random seed"
          onClick={() => onChange(crypto.getRandomValues(new Uint32Array(1))[0])}
        >
          <IconDice5 size={18} />
        </ActionIcon>
      }
    />
  );
}
