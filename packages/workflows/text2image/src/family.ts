import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { Text2ImageTask } from './task.ts';

/** The package, as commands and pages present it. */
export const family = defineWorkflowFamily({
  name: 'text2image',
  title: 'Picture from words',
  makes: 'image',
  Task: Text2ImageTask,
  definitions,
  order: 1,
  defaultId: 'sdxl',
  cpuId: 'tiny',
});
