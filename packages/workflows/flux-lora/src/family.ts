import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { FluxLoraTask, kind } from './task.ts';

/** The package, as commands and pages present it. */
export const family = defineWorkflowFamily({
  name: 'flux-lora',
  title: 'Picture with a LoRA',
  makes: kind.makes,
  Task: FluxLoraTask,
  definitions,
  order: 5,
  defaultId: kind.defaultId,
});
