import { type TaskKind, WorkflowTaskType } from '@heurist/core';
import { inpaintOptions } from './options.ts';

export const defaultId = 'sdxl-inpaint';

export const kind: TaskKind = {
  name: 'InpaintTask',
  task_type: WorkflowTaskType.Inpaint,
  makes: 'image',
  options: inpaintOptions,
  defaultId,
  isNetworksChoice: true,
};
