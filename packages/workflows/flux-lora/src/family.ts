import { defineWorkflowFamily } from '@heurist/core/definition';
import { definitions } from './graphs.ts';
import { kind } from './kind.ts';
import { FluxLoraTask } from './task.ts';

/** How commands and pages present this package. */
export const family = defineWorkflowFamily({
  name: 'flux-lora',
  title: 'Text to image, LoRA',
  makes: kind.makes,
  Task: FluxLoraTask,
  definitions,
  order: 5,
  defaultId: kind.defaultId,
});
