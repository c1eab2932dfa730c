export type { Text2AudioOutput, Text2AudioTaskOptions } from './text2audio-task.ts';
export { Text2AudioTask } from './text2audio-task.ts';
