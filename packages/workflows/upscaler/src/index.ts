export type { UpscalerOutput, UpscalerTaskOptions } from './task.ts';
export { UpscalerTask } from './task.ts';
