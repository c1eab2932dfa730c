import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { kind } from './kind.ts';
import { Image2ImageTask } from './task.ts';

/** How commands and pages present this package. */
export const family = defineWorkflowFamily({
  name: 'image2image',
  title: 'Image to image',
  makes: kind.makes,
  Task: Image2ImageTask,
  definitions,
  order: 2,
  defaultId: kind.defaultId,
  cpuId: 'tiny-img2img',
});
