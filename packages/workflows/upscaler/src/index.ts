export type { UpscalerOutput, UpscalerTaskOptions } from './upscaler-task.ts';
export { UpscalerTask } from './upscaler-task.ts';
