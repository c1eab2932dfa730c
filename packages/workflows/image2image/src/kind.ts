import { type TaskKind, WorkflowTaskType } from '@heurist/core';
import { image2imageOptions } from './options.ts';

export const defaultId = 'sdxl-img2img';

export const kind: TaskKind = {
  name: 'Image2ImageTask',
  task_type: WorkflowTaskType.Image2Image,
  makes: 'image',
  options: image2imageOptions,
  defaultId,
  isNetworksChoice: true,
};
