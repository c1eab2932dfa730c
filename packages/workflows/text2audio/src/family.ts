import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { kind } from './kind.ts';
import { Text2AudioTask } from './task.ts';

/** How commands and pages present this package. */
export const family = defineWorkflowFamily({
  name: 'text2audio',
  title: 'Text to music',
  makes: kind.makes,
  Task: Text2AudioTask,
  definitions,
  order: 8,
  defaultId: kind.defaultId,
});
