import { useEffectEvent, useId, useLayoutEffect, useRef } from 'react';
import { describedBy, Field } from '../../ui/field.tsx';
import type { RuledFieldProps } from './field-props.ts';

/** Text; prompts get room for several lines, and scroll inside it when they are long. */
export function TextField({
  name,
  rule,
  value,
  onChange,
  label,
  description,
  error,
  required,
  ...others
}: RuledFieldProps & { name: string }) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  // what was typed before the scripts had loaded
  const takeTyped = useEffectEvent(() => {
    const typed = area.current?.value;
    if (typed && typed !== value) onChange(typed);
  });
  useLayoutEffect(() => void takeTyped(), []);
  const text = { hint: description, error, required };
  const common = {
    className: 'input',
    ...describedBy(id, text),
    ...others,
    value: typeof value === 'string' ? value : '',
    placeholder: String(rule.default ?? ''),
  };
  return (
    <Field id={id} label={label} {...text}>
      {name === 'lora_name' ? (
        <input {...common} onChange={({ currentTarget }) => onChange(currentTarget.value)} />
      ) : (
        <textarea
          {...common}
          dir="auto"
          ref={area}
          rows={/prompt|lyrics|tags/.test(name) ? 4 : 1}
          data-prompt={name === 'prompt' || undefined}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )}
    </Field>
  );
}
