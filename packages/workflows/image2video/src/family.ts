import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { Image2VideoTask, kind } from './task.ts';

/** The package, as commands and pages present it. */
export const family = defineWorkflowFamily({
  name: 'image2video',
  title: 'Animate a picture',
  makes: kind.makes,
  Task: Image2VideoTask,
  definitions,
  order: 7,
  defaultId: kind.defaultId,
});
