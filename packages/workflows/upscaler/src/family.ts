import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { kind, UpscalerTask } from './task.ts';

/** The package, as commands and pages present it. */
export const family = defineWorkflowFamily({
  name: 'upscaler',
  title: 'Upscale a picture',
  makes: kind.makes,
  Task: UpscalerTask,
  definitions,
  order: 4,
  defaultId: kind.defaultId,
  cpuId: kind.defaultId,
});
