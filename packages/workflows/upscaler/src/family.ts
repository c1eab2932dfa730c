import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { UpscalerTask } from './task.ts';

/** The package, as commands and pages present it. */
export const family = defineWorkflowFamily({
  name: 'upscaler',
  title: 'Upscale a picture',
  makes: 'image',
  Task: UpscalerTask,
  definitions,
  order: 4,
  defaultId: 'upscaler',
  cpuId: 'upscaler',
});
