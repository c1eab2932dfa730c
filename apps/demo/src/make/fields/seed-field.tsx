import { IconDice5 } from '@tabler/icons-react';
import { useId } from 'react';
import { randomSeed } from '../../lib/random-seed.ts';
import { Button } from '../../ui/button.tsx';
import { describedBy, Field } from '../../ui/field.tsx';
import type { FieldProps } from './field-props.ts';

/** A seed. Left empty, each task gets a random one. */
export function SeedField({ value, onChange, label, description, error, required, ...others }: FieldProps) {
  const id = useId();
  const text = { hint: description, error, required };
  const take = (typed: string) => {
    const digits = typed.replaceAll(/\D/g, '');
    const seed = Number(digits);
    if (digits === '') onChange(undefined);
    else if (Number.isSafeInteger(seed)) onChange(seed);
  };
  return (
    <Field id={id} label={label} {...text}>
      <div className="joined">
        <input
          className="input"
          inputMode="numeric"
          placeholder="random"
          {...describedBy(id, text)}
          {...others}
          value={typeof value === 'number' ? value : ''}
          onChange={({ currentTarget }) => take(currentTarget.value)}
        />
        <Button isIcon aria-label="Random seed" title="Random seed" onClick={() => onChange(randomSeed())}>
          <IconDice5 size={18} />
        </Button>
      </div>
    </Field>
  );
}
