export type { Engine, EngineOptions } from './create-engine.ts';
export { createEngine } from './create-engine.ts';
export type { InferenceRuntime } from './inference/inference.ts';
