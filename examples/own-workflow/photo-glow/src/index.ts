export type { PhotoGlowOutput, PhotoGlowTaskOptions } from './photo-glow-task.ts';
export { PhotoGlowTask } from './photo-glow-task.ts';
