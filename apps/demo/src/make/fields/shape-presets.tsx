import { Button, Fieldset, Group } from '@mantine/core';
import type { OptionValue, WorkflowInfo } from '../../../shared/api.ts';
import { RATIOS, sizeOf } from './shapes.ts';

interface ShapePresetsProps {
  workflow: WorkflowInfo;
  onChange: (name: string, value: OptionValue) => void;
}

/** Buttons for common aspect ratios. */
export function ShapePresets({ workflow: { options }, onChange }: ShapePresetsProps) {
  const { width, height } = options;
  if (!width || !height || width.enum || height.enum) return null;
  const choose = (ratio: number) => {
    for (const [name, pixels] of Object.entries(sizeOf(ratio, width, height))) onChange(name, pixels);
  };
  return (
    <Fieldset variant="unstyled" legend="Aspect ratio">
      <Group gap={6}>
        {Object.entries(RATIOS).map(([name, ratio]) => (
          <Button key={name} size="compact-sm" variant="default" onClick={() => choose(ratio)}>
            {name}
          </Button>
        ))}
      </Group>
    </Fieldset>
  );
}
