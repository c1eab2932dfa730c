import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { FluxLoraTask, kind } from './task.ts';

/** How commands and pages present this package. */
export const family = defineWorkflowFamily({
  name: 'flux-lora',
  title: 'Text to image with a LoRA',
  makes: kind.makes,
  Task: FluxLoraTask,
  definitions,
  order: 5,
  defaultId: kind.defaultId,
});
