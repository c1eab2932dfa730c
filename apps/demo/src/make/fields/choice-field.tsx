import { useId } from 'react';
import { describedBy, Field } from '../../ui/field.tsx';
import type { RuledFieldProps } from './field-props.ts';

/** One of a few values. */
export function ChoiceField({
  rule,
  value,
  onChange,
  label,
  description,
  error,
  required,
  ...others
}: RuledFieldProps) {
  const id = useId();
  const choices = (rule.enum ?? []) as (string | number)[];
  const text = { hint: description, error, required };
  return (
    <Field id={id} label={label} {...text}>
      <select
        className="input"
        {...describedBy(id, text)}
        {...others}
        value={String(value ?? rule.default ?? choices[0])}
        disabled={choices.length < 2}
        onChange={({ currentTarget }) => onChange(choices.find((choice) => String(choice) === currentTarget.value))}
      >
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    </Field>
  );
}
