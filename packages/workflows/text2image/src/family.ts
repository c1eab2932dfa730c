import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { kind, Text2ImageTask } from './task.ts';

/** The package, as commands and pages present it. */
export const family = defineWorkflowFamily({
  name: 'text2image',
  title: 'Picture from words',
  makes: kind.makes,
  Task: Text2ImageTask,
  definitions,
  order: 1,
  defaultId: kind.defaultId,
  cpuId: 'tiny',
});
