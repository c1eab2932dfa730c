export type { FluxLoraOutput, FluxLoraTaskOptions } from './flux-lora-task.ts';
export { FluxLoraTask } from './flux-lora-task.ts';
