import type { Tensor } from './tensor.ts';

/** Work for the inference thread. */
export interface InferenceRequest {
  id: number;
  /** Path of the model file. */
  model: string;
  /** Left out: only load the model. */
  inputs?: readonly Tensor[];
}

/** The thread's answer. */
export interface InferenceReply {
  id: number;
  outputs?: Tensor[];
  error?: string;
}
