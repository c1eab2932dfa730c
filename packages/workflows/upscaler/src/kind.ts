import { type TaskKind, WorkflowTaskType } from '@heurist/core';
import { upscalerOptions } from './options.ts';

const defaultId = 'upscaler';

export const kind: TaskKind = {
  name: 'UpscalerTask',
  task_type: WorkflowTaskType.Upscaler,
  makes: 'image',
  get options() {
    return upscalerOptions();
  },
  defaultId,
  isNetworksChoice: true,
};
