export type { Text2VideoOutput, Text2VideoTaskOptions } from './text2video-task.ts';
export { Text2VideoTask } from './text2video-task.ts';
