export type { Text2ImageOutput, Text2ImageTaskOptions } from './task.ts';
export { Text2ImageTask } from './task.ts';
