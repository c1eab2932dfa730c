import type { WorkflowDefinition } from '@heurist/core/definition';
import { definition as upscaler } from '@heurist/upscaler/definition';

/** Every workflow that comes with the command. */
export const workflows: readonly WorkflowDefinition[] = [upscaler];
