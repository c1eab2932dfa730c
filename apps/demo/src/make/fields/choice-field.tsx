import { NativeSelect } from '@mantine/core';
import type { RuledFieldProps } from './field-props.ts';

/** One of a few values. */
export function ChoiceField({ rule, value, onChange, ...common }: RuledFieldProps) {
  const choices = (rule.enum ?? []) as (string | number)[];
  return (
    <NativeSelect
      {...common}
      value={String(value ?? rule.default ?? choices[0])}
      disabled={choices.length < 2}
      data={choices.map(String)}
      onChange={({ currentTarget }) => onChange(choices.find((choice) => String(choice) === currentTarget.value))}
    />
  );
}
