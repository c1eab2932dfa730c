export type { Engine, EngineOptions } from './create-engine.ts';
export { createEngine } from './create-engine.ts';
export type { PromptCheck } from './diffusion/check-prompt.ts';
export { createPromptCheck } from './diffusion/check-prompt.ts';
export type { InferenceRuntime } from './inference/inference.ts';
