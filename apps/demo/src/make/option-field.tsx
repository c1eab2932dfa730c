import type { ParameterDescription } from '@heurist/core/definition';
import type { OptionValue } from '../../shared/api.ts';
import { isFile } from '../lib/file-value.ts';
import { capitalized, labelOf } from '../lib/words.ts';
import { ChoiceField } from './fields/choice-field.tsx';
import { ImageField } from './fields/image-field.tsx';
import { NumberField } from './fields/number-field.tsx';
import { SeedField } from './fields/seed-field.tsx';
import { TextField } from './fields/text-field.tsx';
import { MaskField } from './mask/mask-field.tsx';

interface OptionFieldProps {
  name: string;
  rule: ParameterDescription;
  /** The parameter that a file option sets, such as `mask`; `undefined` for other options. */
  file: string | undefined;
  isRequired: boolean;
  value: OptionValue | undefined;
  /** The image of the same form, which a mask is painted on. */
  image: OptionValue | undefined;
  error: string | undefined;
  /** Which pictures are taken. */
  pictureRules: string;
  onChange: (value: OptionValue | undefined) => void;
}

/** The field that fits an option. */
export function OptionField({
  name,
  rule,
  file,
  isRequired,
  value,
  image,
  error,
  pictureRules,
  onChange,
}: OptionFieldProps) {
  const label = labelOf(file ?? name);
  const described = {
    label,
    description: rule.description && capitalized(rule.description),
    error,
    required: isRequired,
    'data-option': name,
  };
  const common = { ...described, value, onChange };
  if (file === 'mask')
    return (
      <MaskField
        {...common}
        description="Paint over the part that is to be made anew."
        image={isFile(image) ? image : undefined}
      />
    );
  if (file) return <ImageField {...common} rules={pictureRules} value={isFile(value) ? value : undefined} />;
  if (/seed$/.test(name)) return <SeedField {...common} />;
  if (rule.enum) return <ChoiceField {...common} rule={rule} />;
  if (rule.type !== 'string') return <NumberField {...common} name={name} rule={rule} />;
  return <TextField {...common} name={name} rule={rule} />;
}
