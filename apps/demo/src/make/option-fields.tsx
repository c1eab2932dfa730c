import { Stack, Text } from '@mantine/core';
import type { OptionValue, TaskOptions, WorkflowInfo } from '../../shared/api.ts';
import { fileOption } from '../lib/file-value.ts';
import { ShapePresets } from './fields/shape-presets.tsx';
import { OptionField } from './option-field.tsx';
import { orderOptions } from './option-order.ts';

interface OptionFieldsProps {
  workflow: WorkflowInfo;
  options: TaskOptions;
  /** Option -> what is wrong with it. */
  errors: Record<string, string>;
  /** `undefined` restores the default. */
  onChange: (name: string, value: OptionValue | undefined) => void;
}

/** A field for each option of a graph. */
export function OptionFields(props: OptionFieldsProps) {
  const { main, more } = orderOptions(props.workflow);
  const isOpen = more.some((name) => props.options[name] !== undefined);
  return (
    <>
      <Fields names={main} {...props} />
      {more.length > 0 && (
        <details open={isOpen || undefined}>
          <Text component="summary" size="sm" fw={500} style={{ cursor: 'pointer' }}>
            More options
          </Text>
          <Stack mt="sm">
            <Fields names={more} {...props} />
          </Stack>
        </details>
      )}
    </>
  );
}

function Fields({ names, workflow, options, errors, onChange }: OptionFieldsProps & { names: string[] }) {
  const image = options[fileOption(workflow, 'image') ?? ''];
  return names.map((name) => (
    <Stack key={name} gap="xs">
      {name === 'width' && <ShapePresets workflow={workflow} onChange={onChange} />}
      <OptionField
        name={name}
        rule={workflow.options[name]!}
        file={workflow.files[name]}
        isRequired={workflow.required.includes(name)}
        value={options[name]}
        image={image}
        error={errors[name]}
        onChange={(value) => onChange(name, value)}
      />
    </Stack>
  ));
}
