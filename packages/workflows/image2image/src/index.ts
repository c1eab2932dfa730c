export type { Image2ImageOutput, Image2ImageTaskOptions } from './task.ts';
export { Image2ImageTask } from './task.ts';
