import type { ParameterDescription } from '@heurist/core/definition';
import { Group, Input, Slider, Text } from '@mantine/core';
import { unitOf } from '../../lib/words.ts';
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
}: RuledFieldProps & { name: string }) {
  const { minimum = 0, maximum = 100 } = rule;
  const current = typeof value === 'number' ? value : Number(rule.default ?? minimum);
  const unit = unitOf(name);
  const text = unit ? `${current} ${unit}` : String(current);
  return (
    <Input.Wrapper label={label} description={description} error={error}>
      <Group gap="sm" wrap="nowrap" mt={4}>
        <Slider
          flex={1}
          min={minimum}
          max={maximum}
          step={stepOf(rule)}
          value={current}
          onChange={(next) => onChange(Number(next.toFixed(2)))}
          label={null}
          thumbLabel={label}
          thumbValueText={text}
        />
        <Text size="sm" w={92} ta="right" aria-hidden>
          {text}
        </Text>
      </Group>
    </Input.Wrapper>
  );
}

function stepOf({ minimum = 0, maximum = 100, multipleOf, type, 'x-step': step }: ParameterDescription): number {
  if (step ?? multipleOf) return step ?? multipleOf!;
  if (type === 'integer') return 1;
  return maximum - minimum > 2 ? 0.1 : 0.01;
}
