import type { BindingSource, FileParameter } from '@heurist/core/definition';

/** A parameter that was found in a graph. */
export interface FoundParameter {
  name: string;
  /** Decides how it is checked. */
  kind: ParameterKind;
  bindings: BindingSource[];
  /** The graph's value. */
  value: unknown;
  /** Whether users must give it, because the result is made from it. */
  isRequired: boolean;
  file?: FileParameter['kind'];
  /** For sizes and lengths: the grid of the model. */
  step?: number;
  /** For plain numbers: the allowed range. */
  range?: [min: number, max: number];
  /** For one of a list: what it may be. */
  choices?: string[];
}

/** Kinds of parameters; most are pieces of the vocabulary in `@heurist/core/parameters`. */
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
  | 'choice'
  | 'model'
  | 'whole'
  | 'decimal';

/** Names that every task has for something else. */
export const RESERVED: ReadonlySet<string> = new Set([
  'consumer_id',
  'job_id_prefix',
  'timeout_seconds',
  'workflow_id',
  'api_key',
]);
