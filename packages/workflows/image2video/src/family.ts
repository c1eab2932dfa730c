import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { Image2VideoTask } from './task.ts';

/** The package, as commands and pages present it. */
export const family = defineWorkflowFamily({
  name: 'image2video',
  title: 'Animate a picture',
  makes: 'video',
  Task: Image2VideoTask,
  definitions,
  order: 7,
  defaultId: 'wan2.2-i2v-14b',
});
