export type { InpaintOutput, InpaintTaskOptions } from './inpaint-task.ts';
export { InpaintTask } from './inpaint-task.ts';
