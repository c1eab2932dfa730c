import { Textarea, TextInput } from '@mantine/core';
import type { RuledFieldProps } from './field-props.ts';

/** Text; prompts get room for several lines. */
export function TextField({ name, rule, value, onChange, ...common }: RuledFieldProps & { name: string }) {
  const Field = name === 'lora_name' ? TextInput : Textarea;
  const rows = Field === Textarea ? { autosize: true, minRows: /prompt|lyrics|tags/.test(name) ? 2 : 1 } : {};
  return (
    <Field
      {...common}
      {...rows}
      value={typeof value === 'string' ? value : ''}
      placeholder={String(rule.default ?? '')}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
