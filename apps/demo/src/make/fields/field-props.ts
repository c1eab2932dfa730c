import type { ParameterDescription } from '@heurist/core/definition';
import type { FileValue, OptionValue } from '../../../shared/api.ts';

/** What every field shows. */
export interface FieldText {
  label: string;
  description: string | undefined;
  error: string | undefined;
  required: boolean;
  /** Name of the option: a form finds the field by it. */
  'data-option'?: string;
}

/** A field for an option of any type. */
export interface FieldProps extends FieldText {
  value: OptionValue | undefined;
  /** `undefined` restores the default. */
  onChange: (value: OptionValue | undefined) => void;
}

/** A field that follows the rule of its option. */
export interface RuledFieldProps extends FieldProps {
  rule: ParameterDescription;
}

/** A field for a file. */
export interface FileFieldProps extends FieldText {
  /** Which files are taken. */
  rules: string;
  value: FileValue | undefined;
  onChange: (value: FileValue | undefined) => void;
}
