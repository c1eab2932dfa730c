import { type TaskKind, WorkflowTaskType } from '@heurist/core';
import { fluxLoraOptions } from './options.ts';

export const kind: TaskKind = {
  name: 'FluxLoraTask',
  task_type: WorkflowTaskType.FluxLora,
  makes: 'image',
  get options() {
    return fluxLoraOptions();
  },
  defaultId: '3',
};
