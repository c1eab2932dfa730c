import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { kind, Text2AudioTask } from './task.ts';

/** The package, as commands and pages present it. */
export const family = defineWorkflowFamily({
  name: 'text2audio',
  title: 'Music from words',
  makes: kind.makes,
  Task: Text2AudioTask,
  definitions,
  order: 8,
  defaultId: kind.defaultId,
});
