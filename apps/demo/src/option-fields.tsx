import type { ParameterDescription } from '@heurist/core/definition';
import {
  ActionIcon,
  Button,
  Fieldset,
  Group,
  Input,
  NativeSelect,
  NumberInput,
  Slider,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { IconDice5 } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import type { Options, OptionValue, WorkflowInfo } from '../shared/api.ts';
import { ImageField } from './image-field.tsx';
import { isFile } from './recipe.ts';
import { labelOf, unitOf } from './words.ts';

const MaskField = lazy(() => import('./mask-field.tsx'));

type Change = (name: string, value: OptionValue | undefined) => void;

interface FieldsProps {
  workflow: WorkflowInfo;
  options: Options;
  /** Option -> what is wrong with it. */
  errors: Record<string, string>;
  /** With `undefined`: the default. */
  onChange: Change;
}

/** Pictures first, then words, then numbers, chance last. */
function rank(name: string, { type, enum: choices }: ParameterDescription, files: readonly string[]): number {
  if (files.includes(name)) return 0;
  if (/seed$/.test(name)) return 5;
  if (name === 'width' || name === 'height') return 2;
  if (choices) return 3;
  return type === 'string' ? 1 : 4;
}

/** Whether an option is put behind "More options": good as it is, most of the time. */
function isMore(name: string, rule: ParameterDescription, { files }: WorkflowInfo): boolean {
  if (name === 'negative_prompt' || rule.enum?.length === 1) return true;
  return rank(name, rule, files) > 3;
}

/** A field for each option of a graph. */
export function OptionFields({ workflow, ...props }: FieldsProps) {
  // the same as seed, by the name of the node: one is enough on a page
  const shown = Object.entries(workflow.options).filter(([name]) => name !== 'noise_seed');
  const sorted = shown.toSorted(([a, first], [b, second]) => {
    return rank(a, first, workflow.files) - rank(b, second, workflow.files);
  });
  const names = (isWanted: boolean) =>
    sorted.filter(([name, rule]) => isMore(name, rule, workflow) === isWanted).map(([name]) => name);
  const hasMore = names(true).some((name) => props.options[name] !== undefined);
  return (
    <>
      <Fields names={names(false)} workflow={workflow} {...props} />
      {names(true).length > 0 && (
        <details open={hasMore || undefined}>
          <Text component="summary" size="sm" fw={500} style={{ cursor: 'pointer' }}>
            More options
          </Text>
          <Stack mt="sm">
            <Fields names={names(true)} workflow={workflow} {...props} />
          </Stack>
        </details>
      )}
    </>
  );
}

function Fields({ names, workflow, options, errors, onChange }: FieldsProps & { names: string[] }) {
  return names.map((name) => (
    <Stack key={name} gap="xs">
      {name === 'width' && <SizePresets workflow={workflow} onChange={onChange} />}
      <OptionField
        name={name}
        rule={workflow.options[name]!}
        isFile={workflow.files.includes(name)}
        isRequired={workflow.required.includes(name)}
        value={options[name]}
        picture={options.image_url}
        error={errors[name]}
        onChange={(value) => onChange(name, value)}
      />
    </Stack>
  ));
}

interface FieldProps {
  name: string;
  rule: ParameterDescription;
  isFile: boolean;
  isRequired: boolean;
  value: OptionValue | undefined;
  /** The picture of the same form, which a mask belongs to. */
  picture: OptionValue | undefined;
  error: string | undefined;
  onChange: (value: OptionValue | undefined) => void;
}

function OptionField({ name, rule, isRequired, value, picture, error, onChange, ...props }: FieldProps) {
  const common = {
    label: labelOf(name),
    description: rule.description,
    error,
    required: isRequired,
    'data-option': name,
  };
  if (props.isFile && name === 'mask_url')
    return (
      <Suspense>
        <MaskField {...common} picture={isFile(picture) ? picture : undefined} value={value} onChange={onChange} />
      </Suspense>
    );
  if (props.isFile) return <ImageField {...common} value={isFile(value) ? value : undefined} onChange={onChange} />;
  if (/seed$/.test(name)) return <SeedField {...common} value={value} onChange={onChange} />;
  if (rule.enum) return <ChoiceField {...common} rule={rule} value={value} onChange={onChange} />;
  if (rule.type !== 'string')
    return <NumberField {...common} name={name} rule={rule} value={value} onChange={onChange} />;
  const Field = name === 'lora_name' ? TextInput : Textarea;
  const grow = Field === Textarea ? { autosize: true, minRows: /prompt|lyrics|tags/.test(name) ? 2 : 1 } : {};
  return (
    <Field
      {...common}
      {...grow}
      value={typeof value === 'string' ? value : ''}
      placeholder={String(rule.default ?? '')}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

type SimpleProps = Pick<FieldProps, 'value' | 'onChange'> & {
  label: string;
  description: string | undefined;
  error: string | undefined;
  required: boolean;
};

function ChoiceField({ rule, value, onChange, ...common }: SimpleProps & { rule: ParameterDescription }) {
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

function NumberField({
  name,
  rule,
  value,
  onChange,
  label,
  description,
  error,
}: SimpleProps & { name: string; rule: ParameterDescription }) {
  const { minimum = 0, maximum = 100, multipleOf, type } = rule;
  const step = rule['x-step'] ?? multipleOf ?? (type === 'integer' ? 1 : maximum - minimum > 2 ? 0.1 : 0.01);
  const current = typeof value === 'number' ? value : Number(rule.default ?? minimum);
  const text = `${current}${unitOf(name) ? ` ${unitOf(name)}` : ''}`;
  return (
    <Input.Wrapper label={label} description={description} error={error}>
      <Group gap="sm" wrap="nowrap" mt={4}>
        <Slider
          flex={1}
          min={minimum}
          max={maximum}
          step={step}
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

function SeedField({ value, onChange, ...common }: SimpleProps) {
  return (
    <NumberInput
      {...common}
      value={typeof value === 'number' ? value : ''}
      placeholder="a fresh one each time"
      min={0}
      max={Number.MAX_SAFE_INTEGER}
      allowDecimal={false}
      hideControls
      onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
      rightSection={
        <ActionIcon
          variant="subtle"
          aria-label="Throw a seed"
          onClick={() => onChange(crypto.getRandomValues(new Uint32Array(1))[0])}
        >
          <IconDice5 size={18} />
        </ActionIcon>
      }
    />
  );
}

const RATIOS: [string, number][] = [
  ['1:1', 1],
  ['3:4', 3 / 4],
  ['2:3', 2 / 3],
  ['9:16', 9 / 16],
  ['4:3', 4 / 3],
  ['3:2', 3 / 2],
  ['16:9', 16 / 9],
];

/** Shapes of the area that the model was made for. */
function SizePresets({ workflow: { options }, onChange }: { workflow: WorkflowInfo; onChange: Change }) {
  const { width, height } = options;
  if (!width || !height || width.enum || height.enum) return null;
  const { multipleOf = 8, minimum = 64, maximum = 2048 } = width;
  const area = Number(width.default ?? 512) * Number(height.default ?? 512);
  const side = (pixels: number) => Math.min(maximum, Math.max(minimum, Math.round(pixels / multipleOf) * multipleOf));
  const set = (ratio: number) => {
    onChange('width', side(Math.sqrt(area * ratio)));
    onChange('height', side(Math.sqrt(area / ratio)));
  };
  return (
    <Fieldset variant="unstyled" legend="Shape">
      <Group gap={6}>
        {RATIOS.map(([name, ratio]) => (
          <Button key={name} size="compact-sm" variant="default" onClick={() => set(ratio)}>
            {name}
          </Button>
        ))}
      </Group>
    </Fieldset>
  );
}
