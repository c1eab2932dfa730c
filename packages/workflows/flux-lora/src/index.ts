export type { FluxLoraOutput, FluxLoraTaskOptions } from './task.ts';
export { FluxLoraTask } from './task.ts';
