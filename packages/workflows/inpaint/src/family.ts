import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { kind } from './kind.ts';
import { InpaintTask } from './task.ts';

/** How commands and pages present this package. */
export const family = defineWorkflowFamily({
  name: 'inpaint',
  title: 'Inpaint',
  makes: kind.makes,
  Task: InpaintTask,
  definitions,
  order: 3,
  defaultId: kind.defaultId,
  cpuId: 'tiny-inpaint',
});
