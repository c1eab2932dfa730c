import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { Image2ImageTask, kind } from './task.ts';

/** The package, as commands and pages present it. */
export const family = defineWorkflowFamily({
  name: 'image2image',
  title: 'Remake a picture',
  makes: kind.makes,
  Task: Image2ImageTask,
  definitions,
  order: 2,
  defaultId: kind.defaultId,
  cpuId: 'tiny-img2img',
});
