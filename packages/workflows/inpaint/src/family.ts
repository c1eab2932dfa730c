import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { InpaintTask, kind } from './task.ts';

/** The package, as commands and pages present it. */
export const family = defineWorkflowFamily({
  name: 'inpaint',
  title: 'Repaint a part',
  makes: kind.makes,
  Task: InpaintTask,
  definitions,
  order: 3,
  defaultId: kind.defaultId,
  cpuId: 'tiny-inpaint',
});
