export type { InpaintOutput, InpaintTaskOptions } from './task.ts';
export { InpaintTask } from './task.ts';
