import type { ParameterDescription } from '@heurist/core/definition';
import { useId } from 'react';
import { unitOf } from '../../lib/words.ts';
import { describedBy, Field } from '../../ui/field.tsx';
import { Slider } from '../../ui/slider.tsx';
import type { RuledFieldProps } from './field-props.ts';

/** A number, as a slider. */
export function NumberField({
  name,
  rule,
  value,
  onChange,
  label,
  description,
  error,
  'data-option': option,
}: RuledFieldProps & { name: string }) {
  const id = useId();
  const { minimum = 0, maximum = 100 } = rule;
  const current = typeof value === 'number' ? value : Number(rule.default ?? minimum);
  const unit = unitOf(name);
  const text = unit ? `${current} ${unit}` : String(current);
  return (
    <Field
      id={id}
      label={label}
      hint={description}
      error={error}
      aside={
        <span className="muted small" aria-hidden>
          {text}
        </span>
      }
    >
      <Slider
        {...describedBy(id, { hint: description, error, required: false })}
        data-option={option}
        min={minimum}
        max={maximum}
        step={stepOf(rule)}
        value={current}
        aria-valuetext={text}
        onChange={({ currentTarget }) => onChange(Number(currentTarget.valueAsNumber.toFixed(2)))}
      />
    </Field>
  );
}

function stepOf({ minimum = 0, maximum = 100, multipleOf, type, 'x-step': step }: ParameterDescription): number {
  if (step ?? multipleOf) return step ?? multipleOf!;
  if (type === 'integer') return 1;
  return maximum - minimum > 2 ? 0.1 : 0.01;
}
