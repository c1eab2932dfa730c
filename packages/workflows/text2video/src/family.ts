import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { kind, Text2VideoTask } from './task.ts';

/** The package, as commands and pages present it. */
export const family = defineWorkflowFamily({
  name: 'text2video',
  title: 'Video from words',
  makes: kind.makes,
  Task: Text2VideoTask,
  definitions,
  order: 6,
  defaultId: kind.defaultId,
});
