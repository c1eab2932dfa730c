import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { kind } from './kind.ts';
import { Text2VideoTask } from './task.ts';

/** How commands and pages present this package. */
export const family = defineWorkflowFamily({
  name: 'text2video',
  title: 'Text to video',
  makes: kind.makes,
  Task: Text2VideoTask,
  definitions,
  order: 6,
  defaultId: kind.defaultId,
});
