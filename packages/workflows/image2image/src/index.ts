export type { Image2ImageOutput, Image2ImageTaskOptions } from './image2image-task.ts';
export { Image2ImageTask } from './image2image-task.ts';
