import { type TaskKind, WorkflowTaskType } from '@heurist/core';
import { image2videoOptions } from './options.ts';

export const defaultId = 'wan2.2-i2v-14b';

export const kind: TaskKind = {
  name: 'Image2VideoTask',
  task_type: WorkflowTaskType.Image2Video,
  makes: 'video',
  options: image2videoOptions,
  defaultId,
};
