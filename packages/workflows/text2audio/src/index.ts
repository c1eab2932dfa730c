export type { Text2AudioOutput, Text2AudioTaskOptions } from './task.ts';
export { Text2AudioTask } from './task.ts';
