export type { Image2VideoOutput, Image2VideoTaskOptions } from './task.ts';
export { Image2VideoTask } from './task.ts';
