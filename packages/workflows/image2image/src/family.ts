import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { Image2ImageTask } from './task.ts';

/** The package, as commands and pages present it. */
export const family = defineWorkflowFamily({
  name: 'image2image',
  title: 'Remake a picture',
  makes: 'image',
  Task: Image2ImageTask,
  definitions,
  order: 2,
  defaultId: 'sdxl-img2img',
  cpuId: 'tiny-img2img',
});
