import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { kind } from './kind.ts';
import { Text2ImageTask } from './task.ts';

/** How commands and pages present this package. */
export const family = defineWorkflowFamily({
  name: 'text2image',
  title: 'Text to image',
  makes: kind.makes,
  Task: Text2ImageTask,
  definitions,
  order: 1,
  defaultId: kind.defaultId,
  cpuId: 'tiny',
});
