import type { BindingSource, FileParameter } from '@heurist/core/definition';

/** A parameter that was found in a graph. */
export interface FoundParameter {
  name: string;
  /** Which check it gets. */
  kind: ParameterKind;
  bindings: BindingSource[];
  /** What the graph holds. */
  value: unknown;
  /** Must be given: it is what the result is made from. */
  isRequired: boolean;
  file?: FileParameter['kind'];
  /** For sizes and lengths: what the model works in. */
  step?: number;
  /** For plain numbers: what they may be. */
  range?: [min: number, max: number];
}

/** Kinds of parameters; all but the last few are pieces of the vocabulary in `@heurist/core/parameters`. */
export type ParameterKind =
  | 'prompt'
  | 'negative_prompt'
  | 'seed'
  | 'steps'
  | 'cfg'
  | 'guidance'
  | 'denoise'
  | 'batch_size'
  | 'fps'
  | 'side'
  | 'length'
  | 'file'
  | 'text'
  | 'model'
  | 'whole'
  | 'decimal';

/** A second parameter of a name gets a number: `steps`, `steps_2`. */
export function numbered(found: FoundParameter[]): FoundParameter[] {
  const count = new Map<string, number>();
  return found.map((parameter) => {
    const number = (count.get(parameter.name) ?? 0) + 1;
    count.set(parameter.name, number);
    return number === 1 ? parameter : { ...parameter, name: `${parameter.name}_${number}` };
  });
}
