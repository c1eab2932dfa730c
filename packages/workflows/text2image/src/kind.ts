import { type TaskKind, WorkflowTaskType } from '@heurist/core';
import { text2imageOptions } from './options.ts';

export const defaultId = 'sdxl';

export const kind: TaskKind = {
  name: 'Text2ImageTask',
  task_type: WorkflowTaskType.Text2Image,
  makes: 'image',
  options: text2imageOptions,
  defaultId,
  isNetworksChoice: true,
};
