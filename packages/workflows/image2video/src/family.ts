import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { kind } from './kind.ts';
import { Image2VideoTask } from './task.ts';

/** How commands and pages present this package. */
export const family = defineWorkflowFamily({
  name: 'image2video',
  title: 'Image to video',
  makes: kind.makes,
  Task: Image2VideoTask,
  definitions,
  order: 7,
  defaultId: kind.defaultId,
});
