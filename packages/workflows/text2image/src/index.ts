export type { Text2ImageOutput, Text2ImageTaskOptions } from './text2image-task.ts';
export { Text2ImageTask } from './text2image-task.ts';
