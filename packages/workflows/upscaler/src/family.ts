import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { kind } from './kind.ts';
import { UpscalerTask } from './task.ts';

/** How commands and pages present this package. */
export const family = defineWorkflowFamily({
  name: 'upscaler',
  title: 'Upscale',
  makes: kind.makes,
  Task: UpscalerTask,
  definitions,
  order: 4,
  defaultId: kind.defaultId,
  cpuId: kind.defaultId,
});
