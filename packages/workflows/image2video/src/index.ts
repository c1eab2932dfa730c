export type { Image2VideoOutput, Image2VideoTaskOptions } from './image2video-task.ts';
export { Image2VideoTask } from './image2video-task.ts';
