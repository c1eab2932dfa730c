export type { Text2VideoOutput, Text2VideoTaskOptions } from './task.ts';
export { Text2VideoTask } from './task.ts';
